/**
 * @module
 * Stops an agent that runs in circles: the same call again and again, too many calls, or failure after failure. One
 * limiter per run; it refuses before anything is sent, in words a model can use.
 */
import { stringify } from 'safe-stable-stringify'
import type { CallError } from './call-error.ts'

/** Bounds of one run of an agent. Defaults: 3 identical calls, 60 calls, 5 failures in a row. */
export interface RunLimits {
  /** The same tool with the same arguments this many times; the next is refused. */
  readonly maxSameCall?: number
  readonly maxCallsPerRun?: number
  /** After this many failures in a row every further call is refused. */
  readonly maxErrorsInRow?: number
}

export class RunLimiter {
  readonly #maxSameCall: number
  readonly #maxCalls: number
  readonly #maxErrorsInRow: number
  readonly #seen = new Map<string, number>()
  #calls = 0
  #errorsInRow = 0

  constructor(options: RunLimits = {}) {
    this.#maxSameCall = options.maxSameCall ?? 3
    this.#maxCalls = options.maxCallsPerRun ?? 60
    this.#maxErrorsInRow = options.maxErrorsInRow ?? 5
  }

  /** Counts a call, or says why it may not be made. */
  admit(tool: string, args: Readonly<Record<string, unknown>>): CallError | undefined {
    if (this.#errorsInRow >= this.#maxErrorsInRow) {
      return refusal(
        'too_many_errors',
        `The last ${this.#errorsInRow} calls failed. No further calls are made in this run.`,
        'Stop calling tools. Answer with what you have and say what is missing.',
      )
    }
    if (this.#calls >= this.#maxCalls) {
      return refusal(
        'call_budget_exhausted',
        `This run has made ${this.#calls} calls, which is all it may make.`,
        'Stop calling tools. Answer with what you have and say what is missing.',
      )
    }
    const times = this.#seen.get(keyOf(tool, args)) ?? 0
    if (times >= this.#maxSameCall) {
      return refusal(
        'repeated_call',
        `This call was already made ${times} times in this run, with the same arguments.`,
        'Use the answers you already have, change the arguments, or go on without it.',
      )
    }
    this.count(tool, args)
    return undefined
  }

  /** Counts a call that was made already, as when a run is taken up again from what its messages say. */
  count(tool: string, args: Readonly<Record<string, unknown>>): void {
    const key = keyOf(tool, args)
    this.#seen.set(key, (this.#seen.get(key) ?? 0) + 1)
    this.#calls += 1
  }

  /** Says how a counted call ended. */
  record(ok: boolean): void {
    this.#errorsInRow = ok ? 0 : this.#errorsInRow + 1
  }
}

function refusal(code: string, message: string, advice: string): CallError {
  return { code, message, advice, retryable: false, attempts: 0 }
}

/** The same text for the same arguments: members in order, absent and null alike. */
function keyOf(tool: string, args: Readonly<Record<string, unknown>>): string {
  return `${tool} ${stringify(args, (_, value: unknown) => value ?? undefined)}`
}
