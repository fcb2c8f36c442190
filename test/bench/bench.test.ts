/** @module Every bench runs, in a size that takes little; what it measures is for `npm run bench`. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const folder = new URL('../../bench/', import.meta.url).pathname
const run = `${folder}run.ts`
const benches = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -3))

test('there are benches', () => expect(benches.length).toBeGreaterThan(5))

test.each(benches)('npm run bench -- %s --tiny ends with one JSON object that has figures', async (name) => {
  const command = ['--conditions=quartermaster-source', run, name, '--tiny']
  const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 16 * 1024 * 1024 })
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  expect(JSON.parse(line)).toMatchObject({ bench: name })
  expect(line).toMatch(/:\d/)
})
