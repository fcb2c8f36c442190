/**
 * @module
 * Two guards. The outermost: every call leaves a durable trace before its answer leaves, refused calls included. The
 * innermost: what is about to be sent leaves a trace before. A call that cannot be recorded does not happen.
 */
import { type Failure, fail, isRead } from '@quartermaster/protocol'
import type { TenantKeys } from '../audit/chain-row.ts'
import type { AuditLog } from '../audit/log.ts'
import type { Refusals } from '../audit/refusals.ts'
import type { AuditEntry } from '../entities/audit-entry.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import { systemTimer, type Timer } from '../time/deadline.ts'
import { STORE_TIMEOUT_MS, storeDeadline } from '../time/store-deadline.ts'
import type { Tool } from '../tools/tool.ts'
import { argumentNames, digestOf, toolHashOf } from './argument-names.ts'
import {
  type Answer,
  type AuditedCall,
  type BoundCall,
  type Call,
  type CallTrace,
  refuse,
  type ToolCall,
} from './call.ts'
import type { Guard, Next } from './compose.ts'

export interface AuditDeps {
  readonly log: AuditLog
  readonly refusals: Pick<Refusals, 'note'>
  readonly now: () => number
  /** Default: the machine's. */
  readonly timer?: Timer
  /** A line for operators; the same facts as the audit, and the cause of what is unexpected. */
  readonly onCall?: (facts: CallFacts) => void
  readonly onError?: (requestId: string, error: unknown) => void
}

export interface CallFacts {
  readonly tool: string
  readonly account_id: string
  readonly server_id: string
  readonly tenant: string
  readonly request_id: string
  readonly latency_ms: number
  readonly success: boolean
  readonly outcome: string
}

/**
 * The outermost guard. Refusals that never reached the system are counted when they repeat, see {@link Refusals}. While
 * the system has nothing of a call, and again from its answer on, the caller waits for {@link STORE_TIMEOUT_MS} at most,
 * whatever it is that does not answer, and longer only while the audit goes on becoming durable.
 */
export function audit(deps: AuditDeps): Guard<'audit', Call, Pick<AuditedCall, 'trace'>, 'resolveAccount'> {
  const { timer = systemTimer } = deps
  const run = async (call: Call, next: Next<Pick<AuditedCall, 'trace'>>): Promise<Answer> => {
    const trace: CallTrace = {
      sent: 'nothing',
      storeDeadline: storeDeadline(timer, { waitedMs: call.access.waitedMs ?? 0, lastProgressAt: deps.log.durableAt }),
      argumentNames: '',
      digest: '',
    }
    const tooLate = (): Answer => {
      const waited = `its own store has not answered for ${STORE_TIMEOUT_MS} ms`
      deps.onError?.(call.requestId, new StoreUnavailable(`Cannot complete the call: ${waited}`))
      return refuse(unrecorded(call, trace.sent))
    }
    try {
      return await trace.storeDeadline.within(
        recorded(deps, () => next({ trace }), call, trace),
        tooLate,
      )
    } finally {
      trace.storeDeadline.end()
    }
  }
  return { name: 'audit', after: ['resolveAccount'], run }
}

async function recorded(deps: AuditDeps, go: () => Promise<Answer>, call: Call, trace: CallTrace): Promise<Answer> {
  const startedAt = deps.now()
  const answer = await settled(go(), call, trace, deps)
  // The caller has been refused already; a row would tell of an answer that nobody got.
  if (trace.storeDeadline.isExpired()) return answer
  const refused = !answer.ok && trace.sent === 'nothing'
  // The intent could not be written; another attempt would only take as long again.
  if (refused && answer.failure.code === 'audit_unavailable') return answer
  const ms = Math.round(deps.now() - startedAt)
  const outcome = answer.ok ? (answer.did ?? 'ok') : answer.failure.code
  const records = answer.ok ? answer.records.length : 0
  const { argumentNames: shape, digest } = trace
  const entry = {
    ...entryOf(
      call,
      call.access.tools.find(({ name }) => name === call.toolName),
    ),
    ...(trace.toolHash === undefined ? {} : { toolHash: trace.toolHash }),
    at: startedAt + ms,
    phase: 'outcome',
    outcome,
    ms,
    records,
    shape,
    digest,
  } as const
  try {
    const left = trace.storeDeadline.remainingMs()
    await (refused ? deps.refusals.note(entry, left) : deps.log.append(entry, left))
  } catch (error) {
    deps.onError?.(call.requestId, error)
    // It says already that it could not be recorded, and that nothing but fields may have been asked for.
    if (!answer.ok && answer.failure.code === 'audit_unavailable') return answer
    return { ok: false, failure: unrecorded(call, trace.sent), quotas: answer.quotas }
  }
  deps.onCall?.({
    tool: entry.tool,
    account_id: entry.accountId,
    server_id: entry.serverId,
    tenant: entry.tenant,
    request_id: entry.requestId,
    latency_ms: ms,
    success: answer.ok,
    outcome,
  })
  return answer.ok ? answer : { ...answer, failure: { ...answer.failure, request_id: call.requestId } }
}

export interface IntentDeps extends Pick<AuditDeps, 'log' | 'now' | 'onError'> {
  readonly keys: { of(tenant: string): Promise<TenantKeys> }
  /**
   * A read needs no intent of its own while something was known to be durable less than this many milliseconds ago.
   * 0 gives every read one. Default: 1,000.
   */
  readonly leaseMs?: number
}

/**
 * The innermost guard, right before a request is sent: a write always leaves an intent; a read does when nothing has
 * been written to the audit for a while, or when the last attempt failed. So a system never sees a write that cannot
 * be recorded, nor a read that begins later than the lease after the audit has become unwritable.
 */
export function intent(deps: IntentDeps): Guard<'intent', AuditedCall & BoundCall, object, 'redact'> {
  const run = async (call: AuditedCall & BoundCall, next: Next<object>): Promise<Answer> => {
    const { input, trace } = call
    try {
      const entry = entryOf(call, call.tool)
      trace.argumentNames = argumentNames(input)
      trace.digest = digestOf(await deps.keys.of(entry.tenant), entry.tool, entry.accountId, input)
      await leaveIntent(deps, call)
      if (writes(call)) trace.sent = 'write'
    } catch (error) {
      return refuseUnrecorded(deps, call, error)
    }
    return trace.storeDeadline.suspendWhile(() => next())
  }
  return { name: 'intent', after: ['redact'], run }
}

/**
 * What must have been done before a system is asked anything for a call, a question about an account's fields included:
 * that is a read, but what it is for counts.
 *
 * @throws StoreUnavailable, or what the store throws, when it cannot be recorded: then nothing may be sent.
 */
export async function leaveIntent(
  { log, now, leaseMs = 1_000 }: Omit<IntentDeps, 'keys'>,
  call: AuditedCall & ToolCall,
): Promise<void> {
  const { trace } = call
  if (writes(call) || log.isBroken() || log.age() >= leaseMs) {
    const { argumentNames: shape, digest } = trace
    const row = {
      ...entryOf(call, call.tool),
      at: now(),
      phase: 'intent',
      outcome: 'ok',
      ms: 0,
      records: 0,
      shape,
      digest,
    } as const
    await log.append(row, trace.storeDeadline.remainingMs())
  }
  if (trace.storeDeadline.isExpired())
    throw new StoreUnavailable('Cannot go on: the caller was told that nothing was sent')
  if (trace.sent === 'nothing') trace.sent = 'read'
}

/** The answer when an intent could not be left. */
export function refuseUnrecorded({ onError }: Pick<IntentDeps, 'onError'>, call: Call, cause: unknown): Answer {
  onError?.(call.requestId, cause)
  return refuse(unrecorded(call, 'nothing'))
}

function entryOf(call: Call, tool: Tool | undefined): Omit<AuditEntry, 'at' | 'phase' | 'outcome' | 'ms' | 'records'> {
  const { server, account, actor } = call.access
  return {
    requestId: call.requestId,
    tenant: server.tenant,
    accountId: account.id,
    serverId: server.id,
    actor: actor ?? server.id,
    // A name that the caller made up could be anything, so it is not written down.
    tool: tool?.name ?? '(unknown)',
    toolHash: tool ? toolHashOf(tool) : '',
  }
}

function writes({ tool }: ToolCall): boolean {
  return !isRead(tool.method.kind)
}

async function settled(answer: Promise<Answer>, call: Call, trace: CallTrace, deps: AuditDeps): Promise<Answer> {
  try {
    return await answer
  } catch (error) {
    deps.onError?.(call.requestId, error)
    // The store that holds the audit did not answer on the way.
    if (error instanceof StoreUnavailable) return refuse(unrecorded(call, trace.sent))
    const failure = fail(
      'internal',
      'Cannot complete the call: something went wrong inside the server',
      'Do not repeat the call. Give the request id to the operator.',
    )
    return { ok: false, failure, quotas: [] }
  }
}

function unrecorded(call: Call, sent: CallTrace['sent']): Failure {
  if (sent === 'write') {
    return fail(
      'outcome_unknown',
      'The change was sent to the system, but its outcome could not be recorded',
      'Do not repeat the call. Read the record to see whether the change was made.',
      { requestId: call.requestId },
    )
  }
  const message =
    sent === 'read'
      ? 'The answer is withheld: that it was given could not be recorded'
      : 'Cannot make the call: it could not be recorded, and nothing happens unrecorded'
  const more = { retryAfterS: 60, requestId: call.requestId }
  return fail('audit_unavailable', message, 'Wait a minute, then repeat the same call.', more)
}
