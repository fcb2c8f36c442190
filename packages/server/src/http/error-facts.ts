/**
 * @module
 * What a log may hold of a thrown error. On a call's way its message is left out, because messages quote tokens and
 * customers.
 */
import { redactTokens } from '../keys/tokens.ts'

const MAX_FRAMES = 8
const frame = /^\s+at (.{1,300})$/

export interface ErrorFacts {
  /** The class, or the type of what was thrown instead of an error. */
  readonly errorName: string
  /** At most eight, the innermost first. */
  readonly frames: readonly string[]
}

/** Where it happened and what kind it is, whatever was thrown. */
export function errorFacts(error: unknown): ErrorFacts {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const lines = stack.split('\n').slice(-50)
  const frames = lines.flatMap((line) => frame.exec(line)?.[1] ?? []).slice(0, MAX_FRAMES)
  const errorName = error instanceof Error ? error.constructor.name : typeof error
  return { errorName, frames }
}

/** With message and stack, tokens redacted: for requests that carry no call. */
export function errorDetails(error: unknown): {
  readonly name: string
  readonly message: string
  readonly stack: string
} {
  if (!(error instanceof Error)) return { name: typeof error, message: '', stack: '' }
  return { name: error.name, message: redactTokens(error.message), stack: redactTokens(error.stack ?? '') }
}
