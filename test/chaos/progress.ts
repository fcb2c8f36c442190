/**
 * @module
 * How far a long proof has come: a line on standard error for every tenth of its work, with the time it has taken.
 */

/** Short work is over before anybody asks. */
const SILENT_MS = 10_000

export function progress(name: string, say: (line: string) => void): (done: number, of: number) => void {
  const startedAt = performance.now()
  let said = 0
  return (done, of) => {
    const tenth = Math.floor((10 * done) / of)
    const elapsedMs = performance.now() - startedAt
    if (tenth <= said || elapsedMs < SILENT_MS) return
    said = tenth
    say(`${name}: ${10 * tenth} % after ${Math.round(elapsedMs / 1_000)} s`)
  }
}
