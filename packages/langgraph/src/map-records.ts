/**
 * @module
 * Does the same to many records, a bounded number at a time, through the account's gate. A record that fails costs only
 * itself. A checkpointer keeps each small batch as it is done, so an interrupt, a crash or a cancelled run costs no more
 * than the batches that were under way; a visit on the same thread later goes on with what is left.
 */
import { randomUUID } from 'node:crypto'
import { isGraphBubbleUp, type LangGraphRunnableConfig, Send } from '@langchain/langgraph'
import type { CallOutcome } from '@quartermaster/client'
import { z } from 'zod'
import type { MappedState } from './mapped-value.ts'
import { type Semaphore, semaphore } from './semaphore.ts'
import { type StoredFault, toStoredFault } from './stored-fault.ts'

/** What came of one record. */
export type Mapped<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: StoredFault }

/** What to map, how, and where the results go. */
export interface MapRecordsOptions<K extends string, I, T, S> {
  /** The name under which {@link RecordMap.branch} is added to the graph. */
  readonly node: string
  /** The {@link mappedValue} channel that the results go to. */
  readonly into: K
  /** What there is to do: ids, or records with an id. */
  readonly from: (state: S) => readonly I[]
  readonly each: (item: I, config: LangGraphRunnableConfig) => Promise<Mapped<T>>
  /** The node that follows when nothing is left to do. */
  readonly next: string
  /** A record's key; default the text itself, or the record's `id`. */
  readonly key?: (item: I) => string
  /** Records under way at a time; default 25. How many calls are in flight is the gate's decision. */
  readonly branches?: number
}

/** The two parts of a fan-out, to be added to a graph. */
export interface RecordMap<K extends string, T, S> {
  /** A conditional edge: one `Send` for each batch of what is left, or the node that follows. */
  readonly fanOut: (state: S) => Send[] | string
  readonly branch: (work: unknown, config: LangGraphRunnableConfig) => Promise<{ [P in K]: MappedState<T> }>
}

/** What one task is sent. */
interface Batch<I> {
  /** The same for all batches of one fan-out: they share a semaphore. */
  readonly fanOutId: string
  readonly nth: number
  /** Items of all batches. */
  readonly total: number
  readonly items: readonly I[]
}

const done = z.object({ results: z.record(z.string(), z.unknown()) }).catch({ results: {} })
/** More, and the graph's own work for each would be felt; up to so many records, each is a batch of its own. */
const MAX_BATCHES = 500
const PROGRESS_EVERY = 25
const NO_REASON = 'Cannot process the record: no reason given'

/**
 * @example
 * ```ts
 * const deals = mapRecords({
 *   node: 'enrich', into: 'deals', from: (state: typeof State.State) => state.ids, next: 'report',
 *   each: async (id) => recordOf<Deal>(await callTool(conn, getDeal, { id }, { account, gate })),
 * })
 * graph.addNode('enrich', deals.branch).addConditionalEdges(START, deals.fanOut, ['enrich', 'report']).addEdge('enrich', 'report')
 * ```
 * Go on after an interrupt with `new Command({ resume })`, after a crash or a cancelled run with the input `null`: LangGraph
 * drops what an unfinished step has kept when a new input comes.
 * @throws RangeError when `branches` is not a whole number of at least 1.
 */
export function mapRecords<K extends string, I, T, S extends object = Record<string, unknown>>(
  options: MapRecordsOptions<K, I, T, S>,
): RecordMap<K, T, S> {
  const { node, into, from, each, next, key = keyOf, branches = 25 } = options
  if (!Number.isInteger(branches) || branches < 1) {
    throw new RangeError('Cannot map records: branches must be a whole number of at least 1')
  }
  const semaphores = new Map<string, Semaphore>()
  return {
    fanOut(state) {
      const { results } = done.parse(Reflect.get(state, into))
      const left = new Map(from(state).map((item) => [key(item), item]))
      for (const name of Object.keys(results)) left.delete(name)
      const items = [...left.values()]
      if (items.length === 0) return next
      const size = Math.ceil(items.length / MAX_BATCHES)
      const fanOutId = randomUUID()
      return Array.from({ length: Math.ceil(items.length / size) }, (_, nth) => {
        const batch: Batch<I> = { fanOutId, nth, total: items.length, items: items.slice(nth * size, (nth + 1) * size) }
        return new Send(node, batch)
      })
    },

    async branch(work, config) {
      const { fanOutId, nth, total, items } = work as Batch<I>
      const results: Record<string, T> = {}
      const failures: Record<string, StoredFault> = {}
      const update = { [into]: { results, failures } } as { [P in K]: MappedState<T> }
      const permits = semaphores.get(fanOutId) ?? semaphore(branches)
      semaphores.set(fanOutId, permits)
      if (!(await permits.acquire(config.signal))) return update
      // The account's quota is used up for longer than a call waits: the rest would only be refused as well.
      let exhausted = false
      try {
        for (const [at, item] of items.entries()) {
          // Thrown, or the graph would take half a batch for a whole one.
          config.signal?.throwIfAborted()
          const outcome = await attempt(each, item, config)
          if (outcome.ok) results[key(item)] = outcome.value
          else failures[key(item)] = outcome.error
          if ((at + 1) % PROGRESS_EVERY === 0 || at + 1 === items.length) {
            config.writer?.({ type: 'mapped', node, branch: nth, done: at + 1, of: items.length, total })
          }
          exhausted = !outcome.ok && outcome.error.code === 'rate_limited'
          if (exhausted) break
        }
      } finally {
        permits.release(exhausted)
        if (permits.idle) semaphores.delete(fanOutId)
      }
      return update
    },
  }
}

/** The record in the answer to a call, or why there is none. */
export function recordOf<T>(outcome: CallOutcome): Mapped<T> {
  if (!outcome.ok) return { ok: false, error: toStoredFault(outcome.error, NO_REASON) }
  return { ok: true, value: outcome.envelope.result as T }
}

/** A mistake in `each` fails its record, not the other branches. */
async function attempt<I, T>(
  each: MapRecordsOptions<string, I, T, never>['each'],
  item: I,
  config: LangGraphRunnableConfig,
): Promise<Mapped<T>> {
  try {
    return await each(item, config)
  } catch (error) {
    // An interrupt is how a graph is stopped, not a fault.
    if (isGraphBubbleUp(error)) throw error
    return { ok: false, error: toStoredFault(error, NO_REASON) }
  }
}

function keyOf(item: unknown): string {
  const id: unknown = typeof item === 'object' && item !== null ? Reflect.get(item, 'id') : item
  if (typeof id === 'string' || typeof id === 'number') return String(id)
  throw new TypeError('Cannot map records: an item is neither an id nor a record with one. Say what its key is')
}
