/**
 * @module
 * A state channel for what came of each of many records: branches write to it side by side, and a later visit on the
 * same thread sees what is done and what is left.
 */
import { ReducedValue } from '@langchain/langgraph'
import { z } from 'zod'
import { type StoredFault, storedFault } from './stored-fault.ts'

/** By the record's key. A record is in one of the two, or still to be done. */
export interface MappedState<T> {
  readonly results: Readonly<Record<string, T>>
  readonly failures: Readonly<Record<string, StoredFault>>
}

/**
 * A channel for {@link mapRecords}. Writing `null` empties it.
 *
 * @example
 * ```ts
 * const State = new StateSchema({ ids: z.array(z.string()), deals: mappedValue(z.object({ id: z.string() })) })
 * ```
 */
export function mappedValue<T>(value: z.ZodType<T>): ReducedValue<MappedState<T>, MappedState<T> | null> {
  const mapped: z.ZodType<MappedState<T>> = z.object({
    results: z.record(z.string(), value),
    failures: z.record(z.string(), storedFault),
  })
  return new ReducedValue<MappedState<T>, MappedState<T> | null>(mapped.default(nothing), {
    inputSchema: mapped.nullable(),
    reducer: (current, next) => (next === null ? nothing() : merged(current, next)),
  })
}

/** What succeeded in the end did not fail. */
function merged<T>(current: MappedState<T>, next: MappedState<T>): MappedState<T> {
  const failures = Object.entries({ ...current.failures, ...next.failures })
  return {
    results: { ...current.results, ...next.results },
    failures: Object.fromEntries(failures.filter(([key]) => !Object.hasOwn(next.results, key))),
  }
}

function nothing(): MappedState<never> {
  return { results: {}, failures: {} }
}
