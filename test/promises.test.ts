import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { promises } from './promises.ts'

const root = new URL('..', import.meta.url).pathname

test.each(promises)('proved: $promise', ({ by }) => {
  expect(by.length).toBeGreaterThan(0)
  for (const [file, title] of by) {
    expect([file, existsSync(root + file)]).toEqual([file, true])
    const text = readFileSync(root + file, 'utf8')
    expect([file, title, text.includes(title)]).toEqual([file, title, true])
    expect(text).not.toMatch(/\b(test|it|describe)\.(skip|only|todo)\b/)
  }
})

test('the README makes these promises and no others', () => {
  const readme = readFileSync(`${root}README.md`, 'utf8')
  const [, section = ''] = readme.split('## What it promises')
  expect(section.split('\n## ')[0]?.match(/^\d+\. /gm)).toHaveLength(promises.length)
})

test('no TypeScript outside the sandbox, the catalog and what shows them names a vendor', () => {
  const output = execFileSync(process.execPath, ['tools/check-imports.ts'], { cwd: root, encoding: 'utf8' })
  expect(output).toContain('no faults')
})
