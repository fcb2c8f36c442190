/** @module Says how far a long run is and how long it may still take, not more often than anybody reads. */

const EVERY_MS = 15_000

/** @param of How many there will be. */
export function progress(of: number, { now, say }: { readonly now: () => number; say(line: string): void }) {
  let begun: { readonly at: number; readonly done: number } | undefined
  let saidAt = now()
  return (done: number): void => {
    begun ??= { at: now(), done }
    if (now() - saidAt < EVERY_MS) return
    saidAt = now()
    const perS = (1_000 * (done - begun.done)) / Math.max(1, now() - begun.at)
    const left = Math.ceil((of - done) / Math.max(perS, 0.001) / 60)
    say(`fuzz: ${done} of ${of} inputs, ${Math.round(perS)} a second, ${left} min left`)
  }
}
