/**
 * @module
 * The whole audit of a running server: keys, chain, log, refusals, events, and the periodic tasks that finish what others began.
 */
import type { Logger } from 'pino'
import type { KeyRing } from '../keys/key-ring.ts'
import type { Store } from '../store/open.ts'
import { type PeriodicTask, periodicTask } from '../time/periodic-task.ts'
import { auditChain } from './chain.ts'
import { type AuditEventName, type EventRecorder, eventRecorder } from './event.ts'
import { type AuditLog, auditLog } from './log.ts'
import { openIntents } from './open-intents.ts'
import { type Refusals, refusals } from './refusals.ts'
import { type AuditKeys, auditKeys } from './tenant-keys.ts'

export interface Audit {
  readonly log: AuditLog
  readonly keys: AuditKeys
  readonly refusals: Refusals
  readonly events: EventRecorder
  /** What became of a grant by itself. Recorded right after it was stored; a failure is logged. */
  grantChanged(event: { readonly accountId: string; readonly tenant: string; readonly outcome: string }): void
  /** Begins to look for intents without an outcome, and to write down counted refusals. */
  start(): void
  /** Writes down what is counted. */
  stop(): Promise<void>
}

export interface OpenAuditOptions {
  readonly store: Pick<Store, 'audit' | 'meta'>
  readonly ring: KeyRing
  readonly now: () => number
  readonly random: () => number
  readonly log: Logger
  readonly onError: (error: unknown) => void
}

const PAUSE_MS = 20_000

const grantEvents: Readonly<Record<string, AuditEventName>> = {
  needs_reauth: 'account.needs_reauth',
  healed: 'account.recovered',
  quarantined: 'account.quarantined',
}

export function openAudit({ store, ring, now, random, log: lines, onError }: OpenAuditOptions): Audit {
  const keys = auditKeys(store.audit, ring)
  const chain = auditChain({
    store: store.audit,
    keys,
    now,
    onBroken: (tenant, how) => lines.error({ tenant, how }, 'audit_chain_broken'),
  })
  const log = auditLog(chain.write)
  const refused = refusals(log, now)
  const events = eventRecorder({ log, refusals: refused, now })
  const intents = openIntents({ chain, meta: store.meta, now })
  const every = (run: () => Promise<number>): PeriodicTask => periodicTask({ run, pauseMs: PAUSE_MS, random, onError })
  const background = [every(() => refused.flush()), every(() => intents.close())]
  return {
    log,
    keys,
    refusals: refused,
    events,
    grantChanged({ accountId, tenant, outcome }) {
      const event = grantEvents[outcome]
      if (event) events.note({ event, tenant, actor: 'system', accountId }).catch(onError)
    },
    start() {
      for (const each of background) each.start()
    },
    async stop() {
      await Promise.all(background.map((each) => each.stop()))
      await refused.flush(true).catch(onError)
    },
  }
}
