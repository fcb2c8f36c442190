/**
 * @module
 * Which way imports point inside a package.
 *
 * In the server the table of floors says it: a folder of `packages/server/src`, or a file of its root, may import only
 * what stands before it. In every package the parts of a folder must not import each other in a circle. The parts of a
 * folder are its sub-folders and its files; each file is a part of its own. So a root file that folders use is below
 * them, one that uses folders is above them, and none can be both.
 */
import { findCycles } from './find-cycles.ts'

/** Source files with the files that they import; tests are not among them. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

const SERVER = 'packages/server/src/'

/** Imports upwards in the server, what the table does not know, and what it names without need. */
export function checkFloors(graph: ImportGraph, floors: readonly string[]): string[] {
  const faults: string[] = []
  const files = [...graph.keys()].filter((file) => file.startsWith(SERVER))
  const unknown = new Set(files.map(floorOf).filter((floor) => !floors.includes(floor)))
  for (const floor of unknown) faults.push(`${SERVER}${floor}: is not in ARCHITECTURE.md's table of floors`)
  for (const floor of floors) {
    if (!files.some((file) => floorOf(file) === floor)) faults.push(`ARCHITECTURE.md: there is no ${SERVER}${floor}`)
  }
  for (const file of files) {
    const own = floorOf(file)
    for (const target of graph.get(file) ?? []) {
      const below = floorOf(target)
      if (own === below || unknown.has(own) || unknown.has(below) || !target.startsWith(SERVER)) continue
      if (floors.indexOf(below) > floors.indexOf(own))
        faults.push(`${file}: ${own} imports ${below} (${target}), upwards`)
    }
  }
  return faults
}

function floorOf(file: string): string {
  return file.slice(SERVER.length).split('/')[0] ?? ''
}

/** Circles among the parts of every folder below `packages/<name>/src`. */
export function checkFolders(graph: ImportGraph): string[] {
  const byFolder = new Map<string, Map<string, Set<string>>>()
  for (const [file, targets] of graph) {
    for (const target of targets) {
      const split = parts(file, target)
      // The server's own folders stand on floors, which forbids more.
      if (!split || split.folder === SERVER.slice(0, -1) || !/^packages\/[a-z]+\/src(\/|$)/.test(split.folder)) continue
      const within = byFolder.get(split.folder) ?? new Map<string, Set<string>>()
      byFolder.set(split.folder, within.set(split.from, (within.get(split.from) ?? new Set()).add(split.to)))
    }
  }
  return [...byFolder].flatMap(([folder, within]) =>
    findCycles(within)
      // A circle of files alone is said once, as that.
      .filter((cycle) => cycle.some((part) => !part.endsWith('.ts')))
      .map((cycle) => `cycle of folders in ${folder}: ${cycle.join(' → ')}`),
  )
}

/** The innermost folder that holds both, and the part of it that each is in. */
function parts(file: string, target: string): { folder: string; from: string; to: string } | undefined {
  const [a, b] = [file.split('/'), target.split('/')]
  const at = a.findIndex((part, index) => part !== b[index])
  const [from, to] = [a[at], b[at]]
  return from === undefined || to === undefined ? undefined : { folder: a.slice(0, at).join('/'), from, to }
}
