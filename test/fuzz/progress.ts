/** @module Says how far a long run is and how long it may still take, at the pace it has had since it began. */

const EVERY_MS = 15_000

/** @param of How many there will be. */
export function progress(of: number, { now, say }: { readonly now: () => number; say(line: string): void }) {
  let begun: { readonly at: number; readonly done: number } | undefined
  let saidAt = now()
  return (done: number): void => {
    begun ??= { at: now(), done }
    if (now() - saidAt < EVERY_MS || done === begun.done) return
    saidAt = now()
    const perS = (1_000 * (done - begun.done)) / (now() - begun.at)
    const minutes = Math.ceil((of - done) / perS / 60)
    say(`fuzz: ${done} of ${of} inputs, ${Math.round(perS)} a second, ${minutes} min left`)
  }
}
