/**
 * @module
 * Which known names a mistaken name may have meant, by the pairs of letters they share.
 */

/** Names that share nothing worth a suggestion score below this. */
const LEAST_SIMILARITY = 0.3
/** A tool name has 48 characters; what is longer is not a typing mistake. */
const COMPARED_LENGTH = 64

/** At most `count` of `names`, the most similar first; equally similar ones keep their order. */
export function nearestNames(wrong: string, names: readonly string[], count: number): readonly string[] {
  const wanted = pairsOf(wrong.slice(0, COMPARED_LENGTH).toLowerCase())
  return names
    .map((name) => ({ name, score: similarity(wanted, pairsOf(name)) }))
    .filter(({ score }) => score >= LEAST_SIMILARITY)
    .sort((a, b) => b.score - a.score)
    .slice(0, count)
    .map(({ name }) => name)
}

/** Sørensen–Dice coefficient of two sets, 0 to 1. */
function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((pair) => b.has(pair)).length
  return a.size + b.size === 0 ? 0 : (2 * shared) / (a.size + b.size)
}

function pairsOf(text: string): ReadonlySet<string> {
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, index) => text.slice(index, index + 2)))
}
