/**
 * @module
 * Administrative events: what is done to accounts, URLs, tokens, endpoints and keys leaves a trace before it is done and
 * another one before anybody is told. An action that cannot be recorded does not happen.
 */

import { type AuditEntry, INSTALLATION } from '../entities/audit-entry.ts'
import { newRequestId } from '../keys/tokens.ts'
import type { AuditLog } from './log.ts'
import type { Refusals } from './refusals.ts'

export const auditEvents = [
  'connect.session_made',
  'connect.begun',
  'connect.stored',
  'connect.refused',
  'connect.cancelled',
  'account.connected',
  'account.reconnected',
  'account.refresh_asked',
  'account.fields_asked',
  'account.removed',
  'account.needs_reauth',
  'account.recovered',
  'account.quarantined',
  'account.quarantine_released',
  'url.issued',
  'url.narrowed',
  'url.changed',
  'url.rotated',
  'url.revoked',
  'url.refused',
  'token.issued',
  'token.rotated',
  'token.revoked',
  'tenant.revoked',
  'approval.decided',
  'webhook.added',
  'webhook.removed',
  'key.added',
  'key.rotated',
  'key.dropped',
  'audit.exported',
  'audit.begun',
  'audit.broken',
] as const
export type AuditEventName = (typeof auditEvents)[number]

export interface AuditEvent {
  readonly event: AuditEventName
  /** Undefined for what concerns no single tenant. */
  readonly tenant: string | undefined
  /** The id of the API token or connect session that asks for it; `system` or `operator`. */
  readonly actor: string
  readonly accountId?: string
  readonly serverId?: string
  /** The id of anything else that it is about. */
  readonly subject?: string
  /** A code; `ok` when left out. */
  readonly outcome?: string
  readonly times?: number
}

type About = Pick<AuditEvent, 'accountId' | 'serverId' | 'subject'>

export interface EventRecorder {
  /**
   * Does `work` between two durable rows. `about` names what came to be.
   * @throws StoreUnavailable when the first row cannot be written, and `work` has not begun.
   * @throws Unrecorded when it was done and the second row cannot be written.
   */
  around<T>(event: AuditEvent, work: () => Promise<T>, about?: (result: T) => About): Promise<T>
  /** Records what has happened by itself. */
  note(event: AuditEvent): Promise<void>
  /** Records what a caller without a token can repeat at will: many equal ones of a minute are one row. */
  counted(event: AuditEvent): Promise<void>
}

/** It was done, and its result is not told, because that could not be recorded. */
export class Unrecorded extends Error {
  override readonly name = 'Unrecorded'
}

export function eventRecorder(deps: {
  readonly log: Pick<AuditLog, 'append'>
  readonly refusals: Pick<Refusals, 'note'>
  readonly now: () => number
}): EventRecorder {
  const { log, now } = deps
  return {
    async around(event, work, about) {
      const startedAt = now()
      const requestId = newRequestId()
      const row = (phase: AuditEntry['phase'], change: Partial<AuditEvent>): AuditEntry => ({
        ...entryOf({ ...event, ...change }, phase, now()),
        requestId,
        ms: now() - startedAt,
      })
      await log.append(row('intent', {}))
      let result: Awaited<ReturnType<typeof work>>
      try {
        result = await work()
      } catch (error) {
        // Should this fail too, the intent stays open and is closed as unknown.
        await log.append(row('outcome', { outcome: 'failed' })).catch(() => undefined)
        throw error
      }
      try {
        await log.append(row('outcome', about?.(result) ?? {}))
      } catch (cause) {
        throw new Unrecorded('It was done, but that could not be recorded', { cause })
      }
      return result
    },
    note: (event) => log.append({ ...entryOf(event, 'outcome', now()), requestId: newRequestId() }),
    counted: (event) => deps.refusals.note({ ...entryOf(event, 'outcome', now()), requestId: newRequestId() }),
  }
}

function entryOf(event: AuditEvent, phase: AuditEntry['phase'], at: number): AuditEntry {
  return {
    at,
    requestId: '',
    tenant: event.tenant ?? INSTALLATION,
    accountId: event.accountId ?? '',
    serverId: event.serverId ?? '',
    tool: event.event,
    phase,
    outcome: event.outcome ?? 'ok',
    ms: 0,
    records: 0,
    actor: event.actor,
    subject: event.subject ?? '',
    times: event.times ?? 1,
  }
}
