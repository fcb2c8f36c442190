/**
 * @module
 * How much memory a process holds after a collection, and by how much that may grow once its caches are warm, however
 * long it runs.
 */

/** In MB, with a tenth. */
export interface Memory {
  /** What is still reachable: V8's heap and what it holds outside of it. */
  readonly live: number
  /** What the system has given to the process. It also grows with what the allocator has not given back. */
  readonly rss: number
}

export interface Growth {
  readonly warm: Memory
  readonly end: Memory
  readonly live_growth: number
  readonly rss_growth: number
}

/** Of what is reachable: more than warm caches still take up, at any number of inputs. */
const MAX_LIVE_GROWTH_MB = 16
/** Of resident memory, which breathes with the allocator and the compiler. */
const MAX_RSS_GROWTH_MB = 100

/** Of this process, after a collection where node was started with `--expose-gc`. */
export function memoryNow(): Memory {
  const { gc } = globalThis as { readonly gc?: () => void }
  gc?.()
  gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { live: inMb(heapUsed + external), rss: inMb(rss) }
}

export function growthBetween(warm: Memory, end: Memory): Growth {
  const tenth = (mb: number) => Math.round(10 * mb) / 10
  return { warm, end, live_growth: tenth(end.live - warm.live), rss_growth: tenth(end.rss - warm.rss) }
}

/** The largest growth of each kind; the figures beside it are of the server whose live memory grew most. */
export function worstGrowth(growths: readonly Growth[]): Growth {
  const [first, ...others] = growths
  if (!first) throw new TypeError('worstGrowth() needs at least one')
  return others.reduce((worst, each) => {
    const shown = each.live_growth > worst.live_growth ? each : worst
    return { ...shown, rss_growth: Math.max(worst.rss_growth, each.rss_growth) }
  }, first)
}

/** What is wrong with it, in words; nothing when it is within the bounds. */
export function wrongWithGrowth({ live_growth, rss_growth }: Growth): string[] {
  return [
    ...(live_growth >= MAX_LIVE_GROWTH_MB ? [`what the server holds in memory grew by ${live_growth} MB`] : []),
    ...(rss_growth >= MAX_RSS_GROWTH_MB ? [`the server's resident memory grew by ${rss_growth} MB`] : []),
  ]
}

function inMb(bytes: number): number {
  return Math.round((10 * bytes) / 1_048_576) / 10
}
