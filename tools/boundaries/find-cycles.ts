/**
 * @module
 * Cycles of a graph: of each set of nodes that reach each other, one shortest way round.
 */

export type Graph = ReadonlyMap<string, ReadonlySet<string>>

/** Each cycle starts and ends with the same node, its first in the alphabet. */
export function findCycles(graph: Graph): string[][] {
  const done = new Set<string>()
  const cycles: string[][] = []
  for (const node of [...graph.keys()].sort()) {
    if (done.has(node)) continue
    const forth = reachable(graph, node)
    if (!forth.has(node)) continue
    for (const other of forth) if (reachable(graph, other).has(node)) done.add(other)
    cycles.push(shortestRound(graph, node))
  }
  return cycles
}

function reachable(graph: Graph, from: string): ReadonlySet<string> {
  const seen = new Set<string>()
  const open = [from]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const next of graph.get(node) ?? []) {
      if (seen.has(next)) continue
      seen.add(next)
      open.push(next)
    }
  }
  return seen
}

function shortestRound(graph: Graph, start: string): string[] {
  const cameFrom = new Map<string, string>()
  const open = [start]
  for (const node of open) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) {
        const way = [node]
        for (let step = node; step !== start; ) {
          step = cameFrom.get(step) ?? start
          way.unshift(step)
        }
        return [...way, start]
      }
      if (cameFrom.has(next)) continue
      cameFrom.set(next, node)
      open.push(next)
    }
  }
  return [start]
}
