/**
 * @module
 * Logs why a URL or second factor was refused, because several clients hide it and callers are not told. The log
 * grows by a bounded number of lines a minute.
 */
import type { Refused } from './refusal.ts'

const WINDOW_MS = 60_000
const LINES_A_WINDOW = 100

export interface RefusedLine extends Omit<Refused, 'ok'> {
  /** How many refusals before this one got no line of their own. */
  readonly not_shown?: number
}

/** Says the first of a kind in a minute, and 100 kinds at most; what is not said is counted in the next line. */
export function refusedLog(now: () => number, write: (line: RefusedLine) => void): (refused: Refused) => void {
  let window = Number.NaN
  let notShown = 0
  const shown = new Set<string>()
  return ({ ok: _, ...facts }) => {
    const current = Math.floor(now() / WINDOW_MS)
    if (current !== window) shown.clear()
    window = current
    const kind = JSON.stringify(facts)
    if (shown.has(kind) || shown.size >= LINES_A_WINDOW) {
      notShown += 1
      return
    }
    shown.add(kind)
    write(notShown > 0 ? { ...facts, not_shown: notShown } : facts)
    notShown = 0
  }
}
