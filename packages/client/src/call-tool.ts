/**
 * @module
 * One tool call with patience: through the account's gate, with a time limit per attempt, repeated as the policy allows.
 * It never throws for what servers and networks do; every end is a value.
 */
import type { Envelope, RateLimitMeta } from '@quartermaster/protocol'
import { backoff } from './backoff.ts'
import type { CallError, CallFault } from './call-error.ts'
import type { CallEvent, CallStep } from './call-event.ts'
import { type CallPolicy, callPolicy } from './call-policy.ts'
import { type Clock, systemClock } from './clock.ts'
import type { McpConn, ToolRef } from './mcp-conn.ts'
import type { Entry, RateGate } from './rate-gate.ts'
import { sendOnce } from './send-once.ts'

export interface CallOptions {
  /** The connected account whose limits the call counts against; any stable name will do. */
  readonly account: string
  readonly gate: RateGate
  readonly policy?: Partial<CallPolicy>
  /** Ends the call and every wait of it. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: CallEvent) => void
  /** Sent with a write, so that the server can tell a repeat from a second write. */
  readonly idempotencyKey?: string
  /** The handle of an approval that a person has given for exactly this call. */
  readonly approval?: string
  readonly clock?: Clock
  readonly random?: () => number
}

export type CallOutcome =
  | {
      readonly ok: true
      /** The text block, as received: compact JSON. */
      readonly text: string
      readonly envelope: Envelope
      readonly quota?: RateLimitMeta
      readonly attempts: number
      /** Milliseconds in all, waits included. */
      readonly ms: number
    }
  | { readonly ok: false; readonly error: CallError; readonly ms: number }

/**
 * Calls a tool.
 *
 * A rate limit closes the account's gate for everybody and is retried, even for a write, because a refused request did
 * not happen. A timeout or a lost connection is retried for reads and idempotent tools only.
 *
 * @example
 * ```ts
 * const found = await callTool(conn, tool, { limit: '100' }, { account, gate })
 * if (found.ok) console.log(found.envelope.result)
 * else console.warn(found.error.code, found.error.advice)
 * ```
 */
export async function callTool(
  conn: Pick<McpConn, 'callTool'>,
  tool: ToolRef,
  args: Readonly<Record<string, unknown>>,
  options: CallOptions,
): Promise<CallOutcome> {
  const { account, gate, signal, clock = systemClock, random = Math.random } = options
  const policy = callPolicy(options.policy)
  const repeatable = tool.annotations?.readOnlyHint === true || tool.annotations?.idempotentHint === true
  const started = clock.now()
  const emit = emitter(options, tool.name)
  const ticket = gate.ticket()
  const finish = (fault: CallFault, attempts: number): CallOutcome => {
    const ms = clock.now() - started
    emit({ type: 'tool_result', ok: false, code: fault.code, attempts, ms })
    return { ok: false, error: { ...fault, attempts }, ms }
  }

  emit({ type: 'tool_call' })
  let jitterMs = random() * policy.jitterS * 1000
  for (let attempt = 1; ; attempt += 1) {
    const entry = await gate.enter(account, {
      ticket,
      jitterMs,
      maxConcurrent: policy.maxConcurrent,
      ...(signal ? { signal } : {}),
      onWait: (notice) => emit({ type: 'waiting', reason: notice.reason, waitMs: notice.waitMs, attempt }),
    })
    if (!entry.ok) return finish(turnedAway(entry), attempt - 1)

    const answer = await sendOnce(conn, tool, args, { ...options, clock, timeoutMs: policy.timeoutMs, repeatable })
    if (!answer.ok && answer.fault.code === 'rate_limited') shut(gate, account, answer.fault, policy)
    entry.leave()
    if (answer.ok) {
      observe(gate, account, answer.quota, policy)
      const ms = clock.now() - started
      emit({ type: 'tool_result', ok: true, attempts: attempt, ms })
      return { ...answer, attempts: attempt, ms }
    }

    const { fault } = answer
    const verdict = backoff({ number: attempt, repeatable, roll: random() }, fault, policy)
    if (fault.code === 'rate_limited') {
      const { retryAfterS } = fault
      const waitMs = verdict.retry ? verdict.waitMs : 0
      emit({ type: 'rate_limited', attempt, waitMs, ...(retryAfterS === undefined ? {} : { retryAfterS }) })
    }
    if (!verdict.retry) return finish(fault, attempt)
    jitterMs = verdict.jitterMs
    if (verdict.shared) continue
    emit({ type: 'retry', code: fault.code, attempt, waitMs: verdict.waitMs })
    try {
      await clock.sleep(verdict.waitMs, signal)
    } catch {
      return finish(turnedAway({ ok: false, reason: 'aborted' }), attempt)
    }
  }
}

/** Closes the account before the slot is given back, so that nobody slips in between. */
function shut(gate: RateGate, account: string, fault: CallFault, policy: CallPolicy): void {
  const resetS = fault.retryAfterS ?? policy.defaultResetS
  if (resetS > policy.giveUpAboveS) gate.refuse(account, resetS * 1000, policy.resetCapS * 1000)
  else gate.hold(account, Math.min(resetS, policy.resetCapS) * 1000)
}

/** Windows longer than anyone would wait for are not paced: the refusal, when it comes, is reported at once. */
function observe(gate: RateGate, account: string, quota: RateLimitMeta | undefined, policy: CallPolicy): void {
  if (quota?.remaining === undefined || quota.reset === undefined || quota.reset > policy.giveUpAboveS) return
  gate.observe(account, { remaining: quota.remaining, resetMs: Math.min(quota.reset, policy.resetCapS) * 1000 })
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

function emitter(options: CallOptions, tool: string): (step: CallStep) => void {
  return (step) => {
    try {
      options.onEvent?.({ ...step, tool, account: options.account })
    } catch {
      // A broken display must not break the call.
    }
  }
}
