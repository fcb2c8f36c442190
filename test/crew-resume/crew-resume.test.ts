import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createTestDatabase,
  listTool,
  rateLimited,
  startTestServer,
  success,
  testDatabaseServer,
} from '@quartermaster/testing'
import { expect, onTestFinished, test } from 'vitest'

const crewScript = new URL('./one-process.ts', import.meta.url).pathname
const interruptedScript = new URL('./interrupted-process.ts', import.meta.url).pathname

interface Line {
  readonly called?: string
  readonly after?: number
  readonly planned?: boolean
  readonly out?: Readonly<Record<string, string>>
  readonly usage?: { readonly modelCalls: number }
  readonly waits?: readonly unknown[]
  readonly status?: string
  readonly text?: string
}

async function oneProcess(script: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, ['--conditions=quartermaster-source', script, ...args])
  let [output, fault] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (output += chunk))
  child.stderr.on('data', (chunk: Buffer) => (fault += chunk))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0 && code !== 9) throw new Error(fault)
  const lines = output
    .split('\n')
    .filter(Boolean)
    .map((line): Line => JSON.parse(line))
  const calls = lines.flatMap(({ called, after }) => (called === undefined ? [] : [`${called} ${after}`]))
  return { code, lines, calls, end: lines.at(-1) ?? {} }
}

/** Where checkpoints are kept: the in-memory saver in a file, and the saver that a product would use. */
const places: [string, string | undefined, () => Promise<string>][] = [
  [
    'a file',
    undefined,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'crew-resume-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      return join(folder, 'checkpoints.json')
    },
  ],
  [
    'PostgreSQL',
    testDatabaseServer === undefined ? 'QUARTERMASTER_TEST_DATABASE_URL is not set' : undefined,
    async () => {
      const database = await createTestDatabase()
      onTestFinished(database.drop)
      return database.url
    },
  ],
]

for (const [name, missing, make] of places) {
  test(`a crew whose process dies goes on in another one from ${name}, and no finished task is paid for twice`, async ({
    skip,
  }) => {
    skip(missing !== undefined, missing)
    const place = await make()
    const first = await oneProcess(crewScript, place, 'start', 'contract')
    expect(first.code).toBe(9)
    expect(first.calls).toEqual(['facts 0', 'facts 1', 'contract 0'])
    const second = await oneProcess(crewScript, place, 'go-on')
    expect(second.calls[0]).toBe('contract 0')
    expect(second.calls).not.toContain('facts 0')
  })

  test(`a colleague's tool that waits for a person goes on in another process from ${name}, and nothing is asked again`, async ({
    skip,
  }) => {
    skip(missing !== undefined, missing)
    const place = await make()
    const first = await oneProcess(crewScript, place, 'start')
    expect(first.end.waits).toMatchObject([{ value: 'Who signs?' }])
    expect(first.calls).toEqual(['facts 0', 'facts 1', 'contract 0', 'contract 1', 'check 0'])
    const second = await oneProcess(crewScript, place, 'answer')
    expect(second.calls).toEqual(['check 1', 'contract 2', 'memo 0', 'memo 1'])
    expect(second.end.out).toEqual({
      facts: 'facts: read',
      contract: 'contract: read, check: signed by Jane',
      memo: 'memo: read',
    })
    // Whole, although most of it was spent in the first process.
    expect(second.end.usage?.modelCalls).toBe(first.calls.length + second.calls.length)
  })

  test(`a graph interrupted by a long limit is finished by another process from ${name}, with one call more and no plan more`, async ({
    skip,
  }) => {
    skip(missing !== undefined, missing)
    const place = await make()
    const page = { result: [{ id: '1' }], next_cursor: null, result_count: 1 }
    const server = await startTestServer(({ nth }) => (nth <= 2 ? rateLimited(3600) : success(page)), [listTool])
    onTestFinished(server.close)
    const wait = { kind: 'rate_limited', tool: listTool.name, account: 'acme', retryAfterS: 3600 }
    const first = await oneProcess(interruptedScript, place, 'start', server.url.toString())
    expect(first.lines).toEqual([{ planned: true }, { waits: [wait] }])
    // Resumed too early: asks, and is interrupted again.
    const early = await oneProcess(interruptedScript, place, 'resume', server.url.toString())
    expect(early.lines).toMatchObject([{ waits: [wait] }])
    const last = await oneProcess(interruptedScript, place, 'resume', server.url.toString())
    expect(last.lines).toEqual([{ waits: [], status: 'success', text: JSON.stringify(page) }])
    expect(server.calls.map(({ args }) => args)).toEqual([{ limit: '1' }, { limit: '1' }, { limit: '1' }])
  })
}
