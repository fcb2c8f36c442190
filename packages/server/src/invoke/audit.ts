/**
 * @module
 * The outermost guard: every call leaves a durable trace before its answer leaves, refused calls included, and a write
 * leaves one before it is sent. A call that cannot be recorded does not happen.
 */
import { type Failure, fail, isRead } from '@quartermaster/protocol'
import type { AuditLog } from '../audit/log.ts'
import type { Answer, Call, Guard } from './call.ts'

export interface AuditParts {
  readonly log: AuditLog
  readonly now: () => number
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

export function audit(parts: AuditParts): Guard {
  return (next) => async (call) => {
    const startedAt = parts.now()
    const entry = {
      requestId: call.requestId,
      tenant: call.access.server.tenant,
      accountId: call.access.account.id,
      serverId: call.access.server.id,
      tool: nameOf(call),
    }
    // While the log is known to be broken, reads are recorded beforehand too: then nothing reaches the system.
    if (writes(call) || parts.log.isBroken()) {
      try {
        await parts.log.append({ ...entry, at: startedAt, phase: 'intent', outcome: 'ok', ms: 0, records: 0 })
      } catch (error) {
        parts.onError?.(call.requestId, error)
        return { ok: false, failure: unrecorded(call, 'not_sent'), quotas: [] }
      }
    }
    const answer = await settled(next(call), call, parts)
    const ms = Math.round(parts.now() - startedAt)
    const outcome = answer.ok ? (answer.did ?? 'ok') : answer.failure.code
    const records = answer.ok ? answer.records.length : 0
    try {
      await parts.log.append({ ...entry, at: startedAt + ms, phase: 'outcome', outcome, ms, records })
    } catch (error) {
      parts.onError?.(call.requestId, error)
      return { ok: false, failure: unrecorded(call, writes(call) ? 'written' : 'read'), quotas: answer.quotas }
    }
    parts.onCall?.({
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
}

/** A name that the caller made up could be anything, so it is not written down. */
function nameOf(call: Call): string {
  return call.access.tools.some((tool) => tool.name === call.toolName) ? call.toolName : '(unknown)'
}

function writes(call: Call): boolean {
  const tool = call.access.tools.find(({ name }) => name === call.toolName)
  return tool !== undefined && !isRead(tool.method.kind)
}

async function settled(answer: Promise<Answer>, call: Call, parts: AuditParts): Promise<Answer> {
  try {
    return await answer
  } catch (error) {
    parts.onError?.(call.requestId, error)
    const failure = fail(
      'internal',
      'Cannot complete the call: something went wrong inside the server',
      'Do not repeat the call. Give the request id to the operator.',
    )
    return { ok: false, failure, quotas: [] }
  }
}

function unrecorded(call: Call, sent: 'not_sent' | 'read' | 'written'): Failure {
  if (sent === 'written') {
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
