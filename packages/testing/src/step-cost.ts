/**
 * @module
 * For tests only: what a computation costs, whatever the machine is and whatever else it is doing: time of this thread on
 * the processor, over the time that a fixed loop takes on it.
 */
const STEPS = 1_000_000

/** In millions of steps of a simple loop, the least of so many rounds. A line through a megabyte costs about one. */
export async function stepCost(run: () => unknown, rounds = 3): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round += 1) {
    const before = await cpuTime(simpleLoop)
    const own = await cpuTime(run)
    // The faster of the two loops: a slow one makes what is measured look cheap.
    least = Math.min(least, own / Math.min(before, await cpuTime(simpleLoop)))
  }
  return least
}

/** Microseconds. */
async function cpuTime(run: () => unknown): Promise<number> {
  const before = process.threadCpuUsage()
  await run()
  const { user, system } = process.threadCpuUsage(before)
  return Math.max(1, user + system)
}

function simpleLoop(): number {
  let state = 1
  for (let step = 0; step < STEPS; step += 1) state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
  return state
}
