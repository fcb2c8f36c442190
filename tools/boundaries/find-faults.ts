/**
 * @module
 * Everything that `npm run boundaries` refuses, as a function of the files and of ARCHITECTURE.md's tables.
 */
import { posix } from 'node:path'
import { checkFloors, checkFolders } from './check-floors.ts'
import { checkText } from './check-text.ts'
import { findCycles } from './find-cycles.ts'
import { importsOf } from './imports-of.ts'
import type { Tables } from './read-tables.ts'

/**
 * @param files The text of every source file by its path from the root, with forward slashes.
 * @returns One line a fault.
 */
export function findFaults(files: ReadonlyMap<string, string>, tables: Tables): string[] {
  const faults: string[] = []
  const graph = new Map<string, string[]>()
  for (const [file, text] of files) {
    faults.push(...checkText(file, text))
    const targets: string[] = []
    for (const specifier of importsOf(text)) {
      if (specifier === undefined) {
        if (isSource(file)) faults.push(`${file}: imports what is computed; write the specifier out`)
      } else if (specifier.startsWith('.')) {
        const target = posix.normalize(posix.join(posix.dirname(file), specifier))
        if (!files.has(target)) faults.push(`${file}: imports ${specifier}, which does not exist`)
        else if (packageOf(file) !== packageOf(target))
          faults.push(`${file}: reaches into another package by path (${specifier})`)
        else if (isSource(file) && !isSource(target)) faults.push(`${file}: imports ${specifier}, which is for tests`)
        else targets.push(target)
      } else faults.push(...checkPackage(file, specifier, tables.packages))
    }
    graph.set(file, targets)
  }
  const plain = new Map([...graph].map(([file, targets]) => [file, new Set(targets)]))
  for (const cycle of findCycles(plain)) faults.push(`cycle of files: ${cycle.join(' → ')}`)
  const sources = new Map([...graph].filter(([file]) => isSource(file)))
  return [...faults, ...checkFolders(sources), ...checkFloors(sources, tables.floors)]
}

/** Tests may use every package by its published names. */
function checkPackage(file: string, specifier: string, mayImport: Tables['packages']): string[] {
  const owner = packageOf(file)
  const name = specifier === 'quartermaster' ? 'cli' : /^@quartermaster\/([a-z-]+)/.exec(specifier)?.[1]
  if (name === undefined || owner === undefined || name === owner || !isSource(file)) return []
  return mayImport[owner]?.includes(name) ? [] : [`${file}: ${owner} may not import ${name}`]
}

function packageOf(file: string): string | undefined {
  return /^packages\/([a-z]+)\//.exec(file)?.[1]
}

/** What a package is built from, as against what tests it. */
function isSource(file: string): boolean {
  return /^packages\/[a-z]+\/src\//.test(file) && !file.endsWith('.test.ts')
}
