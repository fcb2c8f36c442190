/**
 * @module
 * Retries of one call, whatever carries it: a place at the account's gate for each attempt, one wait that everybody on the
 * account shares after a rate limit, and a last attempt.
 */
import type { Quota, RateLimitMeta } from '@quartermaster/protocol'
import { backoff } from './backoff.ts'
import type { CallError, CallFault } from './call-error.ts'
import type { CallEvent, CallStep } from './call-event.ts'
import { type CallPolicy, callPolicy } from './call-policy.ts'
import type { BucketObservation, EnterOptions, Entry } from './gate/entry.ts'
import type { RateGate } from './rate-gate.ts'
import { type Clock, systemClock } from './time/clock.ts'

/** How one call waits and is tried again. */
export interface RetryOptions {
  /** The connected account whose limits the call counts against; any stable name will do. */
  readonly account: string
  readonly gate: RateGate
  /** The tool's name, for events. */
  readonly tool: string
  /** The same request twice does no harm: a read, or a tool that calls itself idempotent. */
  readonly repeatable: boolean
  readonly policy?: Partial<CallPolicy>
  /**
   * A wait longer than this many seconds ends the call at once with `rate_limited` and `retryAfterS`. It concerns this call
   * alone: unlike `policy.giveUpAboveS` it lets the others on the account wait as they please.
   */
  readonly maxWaitS?: number
  /** Ends the call and every wait of it; an attempt under way must heed it by itself. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: CallEvent) => void
  readonly clock?: Clock
  readonly random?: () => number
}

/** One attempt's outcome: an answer, perhaps with what it said about the quota, or a fault. */
export type AttemptResult<A> =
  | (A & { readonly ok: true; readonly quota?: RateLimitMeta; readonly quotas?: readonly Quota[] })
  | { readonly ok: false; readonly fault: CallFault; readonly quotas?: readonly Quota[] }

/** How a call ended after all its attempts. */
export type RetryOutcome<A> =
  | {
      readonly ok: true
      readonly answer: A
      readonly attempts: number /** Milliseconds in all. */
      readonly ms: number
    }
  | { readonly ok: false; readonly error: CallError; readonly ms: number }

/**
 * Attempts until there is an answer, a final fault, or the policy allows no further attempt. `attempt` must not throw.
 *
 * A rate limit closes the account's gate for everybody and is tried again, even for a write, because a refused request
 * did not happen. Other faults are tried again only when they may pass and the call is repeatable.
 */
export async function withRetry<A extends object>(
  attempt: (policy: CallPolicy) => Promise<AttemptResult<A>>,
  options: RetryOptions,
): Promise<RetryOutcome<A>> {
  const { account, gate, signal, repeatable, clock = systemClock, random = Math.random } = options
  const { maxWaitS = Number.POSITIVE_INFINITY } = options
  const policy = callPolicy(options.policy)
  const own = { ...policy, giveUpAboveS: Math.min(policy.giveUpAboveS, maxWaitS) }
  const started = clock.now()
  const emit = emitter(options)
  const ticket = gate.ticket()
  const finish = (fault: CallFault, attempts: number): RetryOutcome<A> => {
    const ms = clock.now() - started
    emit({ type: 'tool_result', ok: false, code: fault.code, attempts, ms })
    return { ok: false, error: { ...fault, attempts }, ms }
  }

  emit({ type: 'tool_call' })
  let jitterMs = random() * policy.jitterS * 1000
  for (let number = 1; ; number += 1) {
    const entry = await enterWithin(maxWaitS, gate, account, {
      ticket,
      tool: options.tool,
      jitterMs,
      maxConcurrent: policy.maxConcurrent,
      ...(signal ? { signal } : {}),
      onWait: ({ reason, waitMs }) => emit({ type: 'waiting', reason, waitMs, attempt: number }),
    })
    if (!entry.ok) return finish(turnedAway(entry), number - 1)

    const sentAt = clock.now()
    const answer = await attempt(policy)
    const tookMs = clock.now() - sentAt
    const refused = !answer.ok && answer.fault.code === 'rate_limited'
    if (refused) shut(gate, account, answer.fault, policy)
    entry.leave({ refused, answered: answer.ok, quotas: quotasIn(answer, policy) })
    if (tookMs > policy.slaMs) emit({ type: 'sla_exceeded', attempt: number, ms: tookMs, slaMs: policy.slaMs })
    if (answer.ok) {
      const ms = clock.now() - started
      emit({ type: 'tool_result', ok: true, attempts: number, ms })
      return { ok: true, answer, attempts: number, ms }
    }

    const { fault } = answer
    const decision = backoff({ number, repeatable, random: random() }, fault, own)
    if (fault.code === 'rate_limited') {
      const { retryAfterS } = fault
      const waitMs = decision.retry ? decision.waitMs : 0
      emit({ type: 'rate_limited', attempt: number, waitMs, ...(retryAfterS === undefined ? {} : { retryAfterS }) })
    }
    if (!decision.retry) return finish(fault, number)
    jitterMs = decision.jitterMs
    if (decision.shared) continue
    emit({ type: 'retry', code: fault.code, attempt: number, waitMs: decision.waitMs })
    try {
      await clock.sleep(decision.waitMs, signal)
    } catch {
      return finish(turnedAway({ ok: false, reason: 'aborted' }), number)
    }
  }
}

/** Enters the gate, except that a call which would wait for more than `maxWaitS` seconds leaves the queue at once. */
async function enterWithin(maxWaitS: number, gate: RateGate, account: string, options: EnterOptions): Promise<Entry> {
  if (!Number.isFinite(maxWaitS)) return gate.enter(account, options)
  const { signal, onWait } = options
  const leave = new AbortController()
  let retryAfterMs = 0
  const entry = await gate.enter(account, {
    ...options,
    signal: signal ? AbortSignal.any([signal, leave.signal]) : leave.signal,
    onWait: (notice) => {
      if (notice.waitMs <= maxWaitS * 1000) return onWait?.(notice)
      retryAfterMs = notice.waitMs
      leave.abort()
    },
  })
  const tooLong = !entry.ok && entry.reason === 'aborted' && retryAfterMs > 0 && signal?.aborted !== true
  return tooLong ? { ok: false, reason: 'refused', retryAfterMs } : entry
}

/** Closes the account, or the quota that is used up, before the slot is given back, so that no other call enters in between. */
function shut(gate: RateGate, account: string, fault: CallFault, policy: CallPolicy): void {
  const resetS = fault.retryAfterS ?? policy.defaultResetS
  if (resetS > policy.giveUpAboveS) gate.refuse(account, resetS * 1000, policy.resetCapS * 1000, fault.quotaName)
  else gate.hold(account, Math.min(resetS, policy.resetCapS) * 1000, fault.quotaName)
}

/**
 * What the answer says about each quota. Of quotas whose reset is too far away to wait for, only the name is passed on: their
 * refusal, when it comes, is reported at once.
 */
function quotasIn(answer: AttemptResult<object>, policy: CallPolicy): readonly BucketObservation[] {
  const meta = answer.ok ? answer.quota : undefined
  const named = answer.quotas ?? []
  const quotaName = answer.ok ? meta?.scope : answer.fault.quotaName
  const stated: Partial<Quota>[] = [...named]
  if (meta && !named.some(({ policy: name }) => name === quotaName)) {
    const { limit, remaining, reset } = meta
    stated.push({
      ...(quotaName === undefined ? {} : { policy: quotaName }),
      ...(limit === undefined ? {} : { limit }),
      ...(remaining === undefined ? {} : { remaining }),
      ...(reset === undefined ? {} : { resetS: reset }),
    })
  } else if (quotaName !== undefined && !named.some(({ policy: name }) => name === quotaName)) {
    stated.push({ policy: quotaName })
  }
  return stated.map(({ policy: bucket, limit, remaining, resetS, windowS }) => ({
    ...(bucket === undefined ? {} : { bucket }),
    ...((resetS ?? windowS ?? 0) > policy.giveUpAboveS
      ? {}
      : {
          ...(limit === undefined ? {} : { limit }),
          ...(remaining === undefined ? {} : { remaining }),
          ...(resetS === undefined ? {} : { resetMs: Math.min(resetS, policy.resetCapS) * 1000 }),
          ...(windowS === undefined ? {} : { windowMs: windowS * 1000 }),
        }),
  }))
}

function turnedAway(entry: Extract<Entry, { ok: false }>): CallFault {
  if (entry.reason === 'aborted') {
    return {
      code: 'cancelled',
      status: 499,
      message: 'The call was cancelled before it was sent.',
      retryable: false,
      advice: 'Stop: the run is being ended.',
    }
  }
  return {
    code: 'rate_limited',
    status: 429,
    message: '429 Too Many Requests: the account has used up its quota. The call was not sent.',
    retryable: true,
    retryAfterS: Math.ceil(entry.retryAfterMs / 1000),
    advice: 'Do not wait for this. Go on without it, or say when the quota is back.',
  }
}

function emitter(options: Pick<RetryOptions, 'onEvent' | 'tool' | 'account'>): (step: CallStep) => void {
  return (step) => {
    try {
      options.onEvent?.({ ...step, tool: options.tool, account: options.account })
    } catch {
      // A broken display must not break the call.
    }
  }
}
