/**
 * @module
 * What of a call stands in each of its audit rows, and what a caller is told when there can be none.
 */
import { type Failure, fail } from '@quartermaster/protocol'
import type { AuditEntry } from '../entities/audit-entry.ts'
import type { Tool } from '../tools/tool.ts'
import { toolHashOf } from './argument-names.ts'
import type { Call, CallTrace } from './call.ts'

/** @param tool Undefined when the URL has none of that name. */
export function entryOf(
  call: Call,
  tool: Tool | undefined,
): Omit<AuditEntry, 'at' | 'phase' | 'outcome' | 'ms' | 'records'> {
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

/** A read may be repeated, whatever came of it; of a write nobody knows. */
export function unrecorded(call: Call, sent: CallTrace['sent']): Failure {
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
