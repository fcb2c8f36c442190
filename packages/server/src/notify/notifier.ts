/**
 * @module
 * Delivers what stands in the outbox: every event at least once to every endpoint, however often a process dies, and
 * at most once at a time, however many processes run.
 */

import type { KeyRing } from '../keys/key-ring.ts'
import type { Upstream } from '../outbound/upstream.ts'
import type { DueDelivery, OutboxStore } from '../store/outbox.ts'
import type { WebhookEndpointStore } from '../store/webhook-endpoints.ts'
import { leasedQueue, nextAttemptAt, type QueueWorker } from '../time/leased-queue.ts'
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
const CONCURRENCY = 16
const POLL_MS = 1_000

export function notifier(deps: NotifierDeps): QueueWorker {
  const { outbox, endpoints, owner, now, random } = deps

  async function attempt({ id, eventId, endpointId, attempts, payload }: DueDelivery): Promise<void> {
    const endpoint = await endpoints.find(endpointId)
    if (!endpoint) return
    const secret = openSecret(deps.ring, endpoint, endpoint.secret.sealed)
    const { url } = endpoint
    const outcome =
      secret === undefined ? 'failed' : await deliver(deps.upstream, { eventId, url, secret, payload, at: now() })
    const nextAt = nextAttemptAt(WAITS_MS, attempts, now(), random())
    const final = outcome === 'failed' && nextAt === undefined ? 'given_up' : outcome
    if (outcome === 'gone') await endpoints.disable(endpoint.id, now())
    else if (outcome === 'failed' && nextAt !== undefined) await outbox.retry(id, owner, nextAt)
    else await outbox.settle(id, owner, outcome === 'failed' ? 'given_up' : outcome, now())
    deps.onDelivery({ eventId, endpointId: endpoint.id, attempt: attempts, outcome: final })
  }

  return leasedQueue({
    claim: outbox.claim,
    attempt,
    onError: deps.onError,
    owner,
    leaseMs: LEASE_MS,
    concurrency: CONCURRENCY,
    untilEmpty: false,
    pollMs: POLL_MS,
    now,
    random,
  })
}
