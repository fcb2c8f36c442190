import { execFile } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { type ApiEntry, readExports } from './read-exports.ts'
import { renderPage } from './render-page.ts'

const [crew, langgraph] = readExports(['crew', 'langgraph'])
const entry = (name: string) => crew?.entries.find((each) => each.name === name)

test('readExports() reads signatures without bodies, docstrings, errors and examples', () => {
  expect(entry('crew')).toMatchObject({
    kind: 'function',
    signature: 'function crew<I = Record<string, never>>(name: string, options: CrewOptions<I>): Crew<I>',
    text: 'A new crew.',
    file: 'packages/crew/src/crew.ts',
  } satisfies Partial<ApiEntry>)
  expect(entry('crew')?.examples[0]).toContain("crew('pipeline-review'")
  const bound = langgraph?.entries.find(({ name }) => name === 'finalAnswerAfter')
  expect(bound?.throws).toEqual(['RangeError when `maxIter` is not a whole number of at least 1.'])
})

test('readExports() shows what users of a class see, and no more', () => {
  const { signature } = entry('Crew') as ApiEntry
  expect(signature).toContain('  toMermaid(): Promise<string>')
  expect(signature).toContain('  get name(): string')
  expect(signature).not.toContain('#plan')
  expect(signature).not.toContain('return ')
})

test("readExports() takes the file's promise for a main export that has none of its own", () => {
  expect(entry('progressFrame')?.text).toContain("A run's progress as lines of text")
})

test('renderPage() leaves no link that Markdown cannot follow', () => {
  expect(crew && renderPage(crew)).not.toMatch(/^[^`/*]*\{@link/m)
})

test('the check passes on what was just written, and fails on a page that was edited, added or removed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'api-reference-'))
  const script = new URL('../api-reference.ts', import.meta.url).pathname
  const run = (...flags: string[]) =>
    promisify(execFile)(process.execPath, [script, '--to', folder, ...flags]).then(
      () => 'passed',
      (error: { stderr: string }) => error.stderr,
    )
  try {
    expect(await run('--check')).toContain('docs/api/crew.md')
    expect(await run()).toBe('passed')
    expect(await run('--check')).toBe('passed')
    appendFileSync(join(folder, 'crew.md'), 'edited')
    writeFileSync(join(folder, 'stray.md'), '')
    const told = await run('--check')
    expect(told).toContain('crew.md')
    expect(told).toContain('stray.md')
    expect(told).not.toContain('client.md')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
