/** @module Proves in short what `npm run fuzz` proves at length, in a process of its own: it watches for uncaught faults. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

test('hostile inputs bring no target down, and planted faults are reported', async () => {
  const words = ['--conditions=quartermaster-source', join(import.meta.dirname, 'run.ts')]
  const child = spawn(process.execPath, [...words, '--inputs', '500', '--processes', '1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, complaints] = await Promise.all([text(child.stdout), text(child.stderr)])
  const report = JSON.parse(out.trim().split('\n').at(-1) ?? '{}')
  expect(report, complaints).toMatchObject({ proof: 'fuzz', ok: true, failures: 0, control: { missed: [] } })
  expect(report.inputs).toBeGreaterThanOrEqual(490)
})
