/**
 * @module
 * Delivers what stands in the outbox: every event at least once to every endpoint, however often a process dies, and
 * at most once at a time, however many processes run.
 */

import type { KeyRing } from '../keys/key-ring.ts'
import type { Upstream } from '../outbound/upstream.ts'
import type { DueDelivery, OutboxStore } from '../store/outbox.ts'
import type { WebhookEndpointStore } from '../store/webhook-endpoints.ts'
import { periodicTask } from '../time/periodic-task.ts'
import { type DeliveryOutcome, deliver } from './deliver.ts'
import { openSecret } from './webhook-secret.ts'

export interface NotifierDeps {
  readonly outbox: OutboxStore
  readonly endpoints: WebhookEndpointStore
  readonly ring: KeyRing
  readonly upstream: Upstream
  readonly now: () => number
  readonly random: () => number
  /** This process. */
  readonly owner: string
  readonly onDelivery: (facts: {
    readonly eventId: string
    readonly endpointId: string
    readonly attempt: number
    readonly outcome: DeliveryOutcome | 'given_up'
  }) => void
  readonly onError: (error: unknown) => void
}

export interface Notifier {
  start(): void
  /** Delivers what is due now. Resolves with how many deliveries were tried. */
  tick(): Promise<number>
  /** Begins nothing more. Resolves when nothing is under way. */
  stop(): Promise<void>
}

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Waits after each failed attempt, over a day in all (the schedule of Standard Webhooks, "Retries"). */
const WAITS_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  8 * HOUR_MS,
  10 * HOUR_MS,
] as const
/** Longer than a delivery may take. */
const LEASE_MS = 30_000
const AT_ONCE = 16
const POLL_MS = 1_000

export function notifier(deps: NotifierDeps): Notifier {
  const { outbox, endpoints, owner, now } = deps

  async function sweep(): Promise<number> {
    if (work.isStopped()) return 0
    const at = now()
    const due = await outbox.claim({ owner, until: at + LEASE_MS, now: at, limit: AT_ONCE })
    const results = await Promise.allSettled(due.map(attempt))
    for (const result of results) if (result.status === 'rejected') deps.onError(result.reason)
    return due.length
  }

  async function attempt(delivery: DueDelivery): Promise<void> {
    const endpoint = await endpoints.find(delivery.endpointId)
    if (!endpoint) return
    const secret = openSecret(deps.ring, endpoint, endpoint.secret.sealed)
    const { url } = endpoint
    const { eventId, payload } = delivery
    const outcome =
      secret === undefined ? 'failed' : await deliver(deps.upstream, { eventId, url, secret, payload, at: now() })
    const waitMs = WAITS_MS[delivery.attempts - 1]
    if (outcome === 'delivered') await outbox.settle(delivery.id, owner, 'delivered', now())
    else if (outcome === 'gone') await endpoints.disable(endpoint.id, now())
    else if (waitMs === undefined) await outbox.settle(delivery.id, owner, 'given_up', now())
    else await outbox.retry(delivery.id, owner, Math.floor(now() + waitMs * (0.9 + 0.2 * deps.random())))
    const final = outcome === 'failed' && waitMs === undefined ? 'given_up' : outcome
    deps.onDelivery({ eventId, endpointId: endpoint.id, attempt: delivery.attempts, outcome: final })
  }

  const work = periodicTask({ run: sweep, pauseMs: POLL_MS, random: deps.random, onError: deps.onError })
  return { start: work.start, tick: work.tick, stop: work.stop }
}
