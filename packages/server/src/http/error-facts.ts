/**
 * @module
 * A thrown error for the operator's log: where it happened and what kind it is, without its message, because messages
 * quote tokens and customers.
 */

const MAX_FRAMES = 8
const frame = /^\s+at (.{1,300})$/

export interface ErrorFacts {
  /** The class, or the type of what was thrown instead of an error. */
  readonly errorName: string
  /** At most eight, the innermost first. */
  readonly frames: readonly string[]
}

/** Describes `error`, whatever was thrown. */
export function errorFacts(error: unknown): ErrorFacts {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const lines = stack.split('\n').slice(-50)
  const frames = lines.flatMap((line) => frame.exec(line)?.[1] ?? []).slice(0, MAX_FRAMES)
  const errorName = error instanceof Error ? error.constructor.name : typeof error
  return { errorName, frames }
}
