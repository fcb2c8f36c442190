/**
 * @module
 * Runs one bench by name, `npm run bench -- <name> [options]`, or says which there are. A bench is a file of this folder
 * that prints a table and, as its last line, one JSON object, and exits with 1 when it falls short.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('.', import.meta.url)
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts' && !file.endsWith('.test.ts'))
  .map((file) => file.slice(0, -3))
  .sort()
const [name, ...options] = process.argv.slice(2)
if (name === undefined || !names.includes(name)) {
  if (name !== undefined) console.error(`Cannot run ${JSON.stringify(name)}: there is no such bench.\n`)
  console.error('npm run bench -- <name>\n')
  for (const each of names) console.error(`  ${each.padEnd(12)} ${promiseOf(each)}`)
  process.exit(name === undefined ? 0 : 1)
}
const child = spawn(
  process.execPath,
  ['--conditions=quartermaster-source', new URL(`${name}.ts`, folder).pathname, ...options],
  { stdio: 'inherit' },
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
child.once('exit', (code) => process.exit(code ?? 1))

/** The first sentence of the file's own description. */
function promiseOf(bench: string): string {
  const text = readFileSync(new URL(`${bench}.ts`, folder), 'utf8')
  const words =
    /@module([\s\S]*?)\*\//
      .exec(text)?.[1]
      ?.replace(/\s*\n\s*\*\s?/g, ' ')
      .replace(/^[\s*]+/, '') ?? ''
  return (/^.*?[.:](?=\s|$)/.exec(words.trim())?.[0] ?? '').replace(/:$/, '.')
}
