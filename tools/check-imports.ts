/**
 * @module
 * The walls of the house as a script: which package may import which, no cycles, no file over 300 lines, no banned
 * names, no vendor named where vendors are data, and a `@module` comment on top of every source file.
 * Prints every fault and exits with 1 when there is one.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const mayImport = tableOf(readFileSync('ARCHITECTURE.md', 'utf8'))
const MAX_LINES = 300
const bannedNames = /^(utils?|helpers?|common|managers?|services?|base|misc|types)(\.|$)/
const vendorNames = /hub_?spot|salesforce|zendesk|bamboo|\bjira\b|\bokta\b|\bslack\b/i
/** Where a vendor may be named: its data, its fake, and what shows or tests the whole. */
const mayNameVendors =
  /^(packages\/sandbox\/|packages\/connectors\/catalog\/|packages\/cli\/src\/(demo|sandbox)\/|examples\/|test\/|bench\/|tools\/check-imports)|\.test\.ts$/

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '')
const known = new Set(files)
const faults: string[] = []
const graph = new Map<string, string[]>()

for (const file of files) {
  const text = read(file)
  if (text === undefined) continue
  const lines = text.split('\n')
  if (lines.length > MAX_LINES + 1) faults.push(`${file}: ${lines.length - 1} lines, ${MAX_LINES} is the wall`)
  if (!/^(#!.*\n)?\/\*\*[\s\S]*?@module/.test(text) && !isTestOrConfig(file))
    faults.push(`${file}: has no @module comment on top`)
  for (const part of file.split('/')) {
    if (bannedNames.test(part)) faults.push(`${file}: "${part}" says nothing; name it after what it promises`)
  }
  if (!mayNameVendors.test(file)) {
    for (const [index, line] of lines.entries()) {
      if (vendorNames.test(line)) faults.push(`${file}:${index + 1}: names a vendor; vendors are data`)
    }
  }
  graph.set(file, [])
  for (const { specifier, typeOnly } of importsOf(text)) checkImport(file, specifier, typeOnly)
}
for (const cycle of findCycles()) faults.push(`cycle: ${cycle.join(' → ')}`)

if (faults.length > 0) {
  console.error(faults.join('\n'))
  console.error(`\n${faults.length} faults`)
  process.exit(1)
}
console.log(`boundaries: ${files.length} files, no faults`)

/**
 * Who may import whom, beside themselves, from the table of packages: `| \`name\` | promise | name, name |`. Words that name
 * no package of ours are libraries.
 */
function tableOf(text: string): Readonly<Record<string, readonly string[]>> {
  const rows = [...text.matchAll(/^\| `([a-z]+)` \|.*\| ([^|]+) \|$/gm)].map(([, name = '', words = '']) => ({
    name,
    words,
  }))
  const names = rows.map(({ name }) => name)
  if (!names.includes('protocol')) throw new Error('Cannot check imports: ARCHITECTURE.md has no table of packages')
  const listed = (words: string) =>
    words === 'everything' ? names : words.split(', ').filter((word) => names.includes(word))
  return Object.fromEntries(rows.map(({ name, words }) => [name, listed(words)]))
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Deleted in the work tree, still in the index.
    return undefined
  }
}

function isTestOrConfig(file: string): boolean {
  // The example is printed in the README as it is.
  return /\.(test|config)\.ts$/.test(file) || file === 'test/readme/example.ts'
}

function importsOf(text: string): { specifier: string; typeOnly: boolean }[] {
  const statement = /^\s*(?:import|export)\s+(type\s)?(?:[^'"();]*?\sfrom\s+)?'([^']+)'/gm
  const dynamic = /\bimport\('([^']+)'\)/g
  return [
    ...[...text.matchAll(statement)].map(([, type, specifier]) => ({
      specifier: specifier ?? '',
      typeOnly: type !== undefined,
    })),
    ...[...text.matchAll(dynamic)].map(([, specifier]) => ({ specifier: specifier ?? '', typeOnly: false })),
  ]
}

function checkImport(file: string, specifier: string, typeOnly: boolean): void {
  const owner = packageOf(file)
  if (specifier.startsWith('.')) {
    const target = normalize(join(dirname(file), specifier))
    if (!known.has(target)) faults.push(`${file}: imports ${specifier}, which does not exist`)
    else if (owner !== packageOf(target)) faults.push(`${file}: reaches into another package by path (${specifier})`)
    // Types vanish when the code runs, so they cannot make a cycle at run time.
    else if (!typeOnly) graph.get(file)?.push(target)
    return
  }
  const name = specifier === 'quartermaster' ? 'cli' : /^@quartermaster\/([a-z-]+)/.exec(specifier)?.[1]
  if (name === undefined || owner === undefined || file.endsWith('.test.ts')) return
  if (name !== owner && !(owner === 'cli' && name.startsWith('example-')) && !mayImport[owner]?.includes(name))
    faults.push(`${file}: ${owner} may not import ${name}`)
}

function packageOf(file: string): string | undefined {
  return /^packages\/([a-z]+)\//.exec(file)?.[1]
}

/** Cycles of value imports: depth-first, each found once. */
function findCycles(): string[][] {
  const cycles: string[][] = []
  const state = new Map<string, 'open' | 'done'>()
  const path: string[] = []
  const visit = (file: string): void => {
    state.set(file, 'open')
    path.push(file)
    for (const next of graph.get(file) ?? []) {
      if (state.get(next) === 'open') cycles.push([...path.slice(path.indexOf(next)), next])
      else if (!state.has(next)) visit(next)
    }
    path.pop()
    state.set(file, 'done')
  }
  for (const file of graph.keys()) if (!state.has(file)) visit(file)
  return cycles
}
