/** @module `quartermaster connector lint` as whoever writes a connector runs it. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cliMain } from '@quartermaster/testing/testbed'
import { expect, onTestFinished, test } from 'vitest'

const catalog = new URL('../../packages/connectors/catalog/', import.meta.url).pathname

/** A copy of a folder of the catalog, with some records written otherwise. */
function copied(rewrite: (read: (record: string) => string) => Readonly<Record<string, string>> = () => ({})): string {
  const dir = mkdtempSync(join(tmpdir(), 'qm-lint-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const folder = join(dir, 'hubspot')
  cpSync(join(catalog, 'hubspot'), folder, { recursive: true })
  const file = (record: string) => join(folder, 'docs', `${record}.md`)
  const changed = rewrite((record) => readFileSync(file(record), 'utf8'))
  for (const [record, text] of Object.entries(changed)) writeFileSync(file(record), text)
  return folder
}

async function lint(...words: string[]) {
  const args = ['--conditions=quartermaster-source', cliMain, 'connector', 'lint', ...words]
  try {
    const run = await promisify(execFile)(process.execPath, args, { env: { ...process.env, NO_COLOR: '1' } })
    return { code: 0, ...run }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, stdout, stderr }
  }
}

test('it exits with 0 for the catalog and for a folder as it stands there', async () => {
  expect(await lint()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok: \d+ records/m) })
  expect(await lint(copied())).toMatchObject({ code: 0 })
})

test.each([
  ['a duplicate', (read: (record: string) => string) => ({ 'contact.list': read('account.list') }), /same description/],
  ['one that says nothing', () => ({ 'ticket_stage.list': '---\ntitle: Ticket stages\n---\n\nx\n' }), /below 60/],
])('it exits with 1 for a folder with %s', async (_name, rewrite, fault) => {
  const folder = copied(rewrite)
  const { code, stdout } = await lint(folder)
  expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringMatching(fault) })
  expect(stdout).toMatch(/^failed: /m)
  const json = await lint(folder, '--json')
  expect(json.code).toBe(1)
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false })
})

test('it exits with 1 for an empty record, with which no connector loads', async () => {
  const folder = copied(() => ({ 'ticket_stage.list': '---\ntitle: Ticket stages\n---\n\n \n' }))
  expect(await lint(folder)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/does not load[\s\S]*ticket_stage/),
  })
})
