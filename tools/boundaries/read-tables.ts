/**
 * @module
 * The two tables of ARCHITECTURE.md that the source is held to: which package may import which, and the floors of the
 * server. A table is known by the words of its head, so that the text around it can be rewritten freely.
 */

export interface Tables {
  /** Of each package: the packages that it may import beside itself. */
  readonly packages: Readonly<Record<string, readonly string[]>>
  /** Folders and root files of `packages/server/src`. Each may import those that stand before it. */
  readonly floors: readonly string[]
}

const PACKAGES = ['package', 'promises', 'may import']
const FLOORS = ['folders of packages/server/src', 'what they are for']

/** @throws Error when a table is not there. */
export function readTables(text: string): Tables {
  const rows = tableAfter(text, PACKAGES).map(([name = '', , words = '']) => ({ name: codesOf(name)[0] ?? '', words }))
  const names = rows.map(({ name }) => name)
  const listed = (words: string) =>
    // Words that name no package of ours are libraries.
    words === 'everything' ? names : words.split(', ').filter((word) => names.includes(word))
  return {
    packages: Object.fromEntries(rows.map(({ name, words }) => [name, listed(words)])),
    floors: tableAfter(text, FLOORS).flatMap(([folders = '']) => codesOf(folders)),
  }
}

function tableAfter(text: string, head: readonly string[]): string[][] {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => cellsOf(line).join() === head.join())
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'))
  if (start === -1) throw new Error(`Cannot check imports: ARCHITECTURE.md has no table "${head.join(' | ')}"`)
  return lines.slice(start + 2, end === -1 ? undefined : end).map(cellsOf)
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}

function codesOf(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code ?? [])
}
