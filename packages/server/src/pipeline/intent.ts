/**
 * @module
 * Guard: what is about to be sent leaves a durable trace before. A call that cannot be recorded does not happen.
 */
import { isRead } from '@quartermaster/protocol'
import type { TenantKeys } from '../audit/chain-row.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import { argumentNames, digestOf } from './argument-names.ts'
import type { AuditDeps } from './audit.ts'
import { entryOf, unrecorded } from './audit-record.ts'
import { type Answer, type AuditedCall, type BoundCall, type Call, refuse, type ToolCall } from './call.ts'
import type { Guard, Next } from './compose.ts'

export interface IntentDeps extends Pick<AuditDeps, 'log' | 'now' | 'onError'> {
  readonly keys: { of(tenant: string): Promise<TenantKeys> }
  /**
   * A read needs no intent of its own while something was known to be durable less than this many milliseconds ago.
   * 0 gives every read one. Default: 1,000.
   */
  readonly leaseMs?: number
}

/**
 * The last guard, right before a request is sent: a write always leaves an intent; a read does when nothing has
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

function writes({ tool }: ToolCall): boolean {
  return !isRead(tool.method.kind)
}
