/** @module `quartermaster audit` as an operator runs it, on the directory of a server that goes on running. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { admin, cliMain, serve } from '@quartermaster/testing/testbed'
import { expect, onTestFinished, test } from 'vitest'

interface Run {
  readonly code: number
  readonly stdout: string
}

async function audit(dir: string, ...words: string[]): Promise<Run> {
  const args = ['--conditions=quartermaster-source', cliMain, 'audit', ...words, '--data', dir]
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, NO_COLOR: '1' } })
    return { code: 0, stdout }
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string }
    return { code, stdout }
  }
}

test('audit verify exits with 0, and with 1 when a row was edited, which it names; tail and export show no secret', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'qm-audit-commands-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const server = await serve(['--data', dir])
  onTestFinished(async () => {
    server.child.kill('SIGKILL')
    await server.exit
  })
  const made: string[] = []
  for (const name of ['first', 'second', 'third']) {
    const { status, body } = await admin(server, 'POST', '/api-token', { tenant: 'acme', name, scopes: ['runtime'] })
    expect(status).toBe(201)
    made.push(String(body['token']))
  }

  const clean = await audit(dir, 'verify')
  expect(clean).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/acme.*\b6\b.*whole[\s\S]*Nothing was changed/),
  })
  expect(JSON.parse((await audit(dir, 'verify', '--json')).stdout)).toMatchObject({ sound: true })

  const tail = await audit(dir, 'tail', '-n', '2', '--tenant', 'acme')
  expect(tail.code).toBe(0)
  expect(
    tail.stdout
      .trim()
      .split('\n')
      .map((line) => /acme#\d+/.exec(line)?.[0]),
  ).toEqual(['acme#5', 'acme#6'])
  const exported = await audit(dir, 'export', '--tenant', 'acme')
  const lines = exported.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(exported.code).toBe(0)
  // Intent and outcome of the three, that it was exported, and the head that they lead to.
  expect(lines.filter((line) => !('head' in line))).toHaveLength(7)
  expect(lines.at(-1)).toMatchObject({ head: { tenant: 'acme', seq: 7 } })
  for (const secret of [...made, server.adminToken]) {
    expect(secret.length).toBeGreaterThan(20)
    expect(tail.stdout + exported.stdout).not.toContain(secret)
  }

  const database = new DatabaseSync(join(dir, 'quartermaster.db'), { timeout: 5_000 })
  const { changes } = database.prepare("update audit set outcome = 'no' where tenant = 'acme' and tenant_seq = 2").run()
  database.close()
  expect(changes).toBe(1)
  const edited = await audit(dir, 'verify')
  expect(edited).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/acme.*row 2: edited[\s\S]*THE AUDIT WAS CHANGED/),
  })
  const json = await audit(dir, 'verify', '--json')
  expect(json.code).toBe(1)
  expect(JSON.parse(json.stdout)).toMatchObject({ sound: false })
})
