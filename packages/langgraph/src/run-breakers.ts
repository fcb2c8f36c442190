/**
 * @module
 * One breaker for each run of a graph, forgotten when the run is over.
 */
import { Breaker, type BreakerOptions } from '@quartermaster/client'

/** As much of a LangGraph config as tells one run from another. */
export interface RunIdentity {
  /** The run's own control object: one for a run, its subgraphs included. */
  readonly control?: unknown
  readonly configurable?: { readonly thread_id?: unknown }
}

export type BreakerOf = (config: RunIdentity | undefined) => Breaker

/** Threads remembered where there is no control object, as when a tool is invoked outside of a graph. */
const MAX_THREADS = 1000

export function runBreakers(options: BreakerOptions = {}): BreakerOf {
  const byRun = new WeakMap<object, Breaker>()
  const byThread = new Map<string, Breaker>()
  return (config) => {
    const control = config?.control
    if (typeof control === 'object' && control !== null) {
      const known = byRun.get(control) ?? new Breaker(options)
      byRun.set(control, known)
      return known
    }
    const thread = String(config?.configurable?.thread_id ?? '')
    const known = byThread.get(thread) ?? new Breaker(options)
    // Moves the thread to the end, so that the first in the map is the one unused for longest.
    byThread.delete(thread)
    byThread.set(thread, known)
    const oldest = byThread.keys().next().value
    if (byThread.size > MAX_THREADS && oldest !== undefined) byThread.delete(oldest)
    return known
  }
}
