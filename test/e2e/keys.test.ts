import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { startServer } from 'quartermaster'
import { expect, onTestFinished, test } from 'vitest'

const run = promisify(execFile)
const main = new URL('../../packages/cli/src/main.ts', import.meta.url).pathname

test('keys add, rotate and drop work on the directory of a running server; drop waits for cursors', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'qm-rotate-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const lines: string[] = []
  const server = await startServer({
    dataDir: dir,
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    allowedHosts: [],
    app: () => undefined,
    log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
    env: {},
  })
  onTestFinished(server.stop)
  const headers = { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ tenant: 'acme', url: 'https://hooks.example.com/' })
  await fetch(`${server.url}/webhook-endpoint`, { method: 'POST', headers, body })

  const keys = (...words: string[]) =>
    run(process.execPath, ['--conditions=quartermaster-source', main, 'keys', ...words, '--data', dir])
  await keys('add')
  const file = readFileSync(join(dir, 'keys'), 'utf8')
  expect(file).toMatch(/^2:[\w-]{43},1:[\w-]{43}\n$/)
  expect(statSync(join(dir, 'keys')).mode & 0o077).toBe(0)
  // Long before the next look by itself.
  process.emit('SIGHUP')
  expect(lines.join('')).toContain('"kids":[2,1]')

  await expect(keys('drop', '1')).rejects.toMatchObject({ stderr: /rows are sealed with it/ })
  expect((await keys('rotate')).stdout).toMatch(/[1-9]\d* rows are sealed anew, 0 do not open/)
  expect((await keys('status')).stdout).toMatch(/0 rows do not open, 0 accounts are in quarantine/)
  await expect(keys('drop', '2')).rejects.toMatchObject({ stderr: /it is the key that seals/ })
  await expect(keys('drop', '1')).rejects.toMatchObject({ stderr: /cursors that it has sealed/ })
  expect(readFileSync(join(dir, 'keys'), 'utf8')).toBe(file)
})
