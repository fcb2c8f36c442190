/**
 * @module
 * What a model is shown of each role's tools is what the last release has shown, to the byte. Whoever changes tools on
 * purpose writes that file again (`write-data.ts --tools <release>`), and its difference is what a reviewer looks at.
 * No other file of a release is ever written again.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { type ListedRole, listRoles } from './list-roles.ts'
import { factsOf, releases } from './opened.ts'

const age = (release: string) => factsOf(release, 'sqlite').writtenAt
const [last = ''] = releases.toSorted((one, other) => age(other) - age(one))
const path = join(import.meta.dirname, last, 'tools.json')
const kept = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, ListedRole>>

let listed: Readonly<Record<string, ListedRole>>
beforeAll(async () => {
  listed = await listRoles()
})

test('there are the three roles of two systems', () => {
  expect(Object.keys(kept)).toHaveLength(6)
  expect(Object.keys(listed)).toEqual(Object.keys(kept))
})

test.each(Object.keys(kept))('the tools of %s are those of the last release, and cost as many tokens', (role) => {
  expect(listed[role]).toEqual(kept[role])
})
