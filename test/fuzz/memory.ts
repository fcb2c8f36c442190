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
  /** From the first tenth after the warm-up to the end. */
  readonly live: readonly number[]
  readonly rss: readonly number[]
  readonly live_growth: number
  readonly rss_growth: number
}

/** The part of the inputs after which caches are taken for warm. */
const WARM = 0.2
/** Of what is reachable: more than warm caches still take up, at any number of inputs. */
const MAX_LIVE_GROWTH_MB = 16
/** Of resident memory, which breathes with the allocators and the compiler: it has grown by 108 MB while nothing was kept. */
const MAX_RSS_GROWTH_MB = 150

/** Of this process, after a collection where node was started with `--expose-gc`. */
export function memoryNow(): Memory {
  const { gc } = globalThis as { readonly gc?: () => void }
  gc?.()
  gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { live: inMb(heapUsed + external), rss: inMb(rss) }
}

export interface MemoryCurve {
  /** To be told after every input. */
  step(done: number, of: number): void
  /** Looks once more, and says how it went. */
  end(): Promise<Growth>
}

/** Looks at a process after every tenth of the inputs, once its caches are warm. */
export function memoryCurve(look: () => Promise<Memory>): MemoryCurve {
  const looks: Promise<Memory>[] = []
  let nextAt = WARM
  const once = () => {
    const looked = look()
    // Whoever asks for the end is told.
    looked.catch(() => {})
    looks.push(looked)
  }
  return {
    step(done, of) {
      if (done < nextAt * of || done === of) return
      nextAt += 0.1
      once()
    },
    async end() {
      once()
      const all = await Promise.all(looks)
      const [live, rss] = [all.map((each) => each.live), all.map((each) => each.rss)]
      return { live, rss, live_growth: growthOf(live), rss_growth: growthOf(rss) }
    },
  }
}

function growthOf(mb: readonly number[]): number {
  return Math.round(10 * ((mb.at(-1) ?? 0) - (mb[0] ?? 0))) / 10
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
