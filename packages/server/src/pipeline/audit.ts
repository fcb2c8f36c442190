/**
 * @module
 * Guard: every call leaves a durable outcome before its answer leaves, refused calls included.
 */
import { fail } from '@quartermaster/protocol'
import type { AuditLog } from '../audit/log.ts'
import type { Refusals } from '../audit/refusals.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import { systemTimer, type Timer } from '../time/deadline.ts'
import { STORE_TIMEOUT_MS, storeDeadline } from '../time/store-deadline.ts'
import { entryOf, unrecorded } from './audit-record.ts'
import { type Answer, type AuditedCall, type Call, type CallTrace, refuse } from './call.ts'
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
 * Stands outside of all guards that can refuse. Refusals that never reached the system are counted when they repeat, see {@link Refusals}. While
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
