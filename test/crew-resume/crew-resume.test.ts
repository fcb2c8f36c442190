import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const script = new URL('./one-process.ts', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'crew-resume-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Line {
  readonly called?: string
  readonly after?: number
  readonly out?: Readonly<Record<string, string>>
  readonly usage?: { readonly modelCalls: number }
  readonly waits?: readonly { readonly value: unknown }[]
}

async function oneProcess(...args: readonly string[]): Promise<{ code: number | null; calls: string[]; end: Line }> {
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
  return { code, calls, end: lines.at(-1) ?? {} }
}

test('a crew whose process dies goes on in another one, and no finished task is paid for twice', async () => {
  const file = join(folder, 'crash.json')
  const first = await oneProcess(file, 'start', 'contract')
  expect(first.code).toBe(9)
  expect(first.calls).toEqual(['facts 0', 'facts 1', 'contract 0'])
  const second = await oneProcess(file, 'go-on')
  expect(second.calls[0]).toBe('contract 0')
  expect(second.calls).not.toContain('facts 0')
})

test("a colleague's tool that waits for a person goes on in another process with the answer, and nothing is asked again", async () => {
  const file = join(folder, 'interrupt.json')
  const first = await oneProcess(file, 'start')
  expect(first.end.waits).toMatchObject([{ value: 'Who signs?' }])
  expect(first.calls).toEqual(['facts 0', 'facts 1', 'contract 0', 'contract 1', 'check 0'])
  const second = await oneProcess(file, 'answer')
  expect(second.calls).toEqual(['check 1', 'contract 2', 'memo 0', 'memo 1'])
  expect(second.end.out).toEqual({
    facts: 'facts: read',
    contract: 'contract: read, check: signed by Jane',
    memo: 'memo: read',
  })
  // Whole, although most of it was spent in the first process.
  expect(second.end.usage?.modelCalls).toBe(first.calls.length + second.calls.length)
})
