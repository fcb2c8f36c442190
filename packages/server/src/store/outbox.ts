/**
 * @module
 * What tenants are told about their accounts. An event is written in the transaction that makes it true, once for
 * each account, epoch and kind, with one delivery for every endpoint of the tenant.
 */
import { type Kysely, sql, type Transaction } from 'kysely'
import { claimRows, type LeaseClaim, type LeasedTable, putOff } from './leased-rows.ts'
import type { Tables } from './schema.ts'

export type AccountEventKind = 'account.needs_reauth' | 'account.recovered'

/** A change of an account that its tenant is told about. */
export interface AccountEvent {
  readonly kind: AccountEventKind
  readonly tenant: string
  readonly accountId: string
  readonly system: string
  /** How often the account has needed a new grant, this time included. */
  readonly epoch: number
  readonly reason: string | undefined
  /** Epoch milliseconds. */
  readonly at: number
}

export interface DueDelivery {
  readonly id: string
  readonly eventId: string
  readonly endpointId: string
  /** Attempts begun, this one included. */
  readonly attempts: number
  readonly payload: string
}

export interface OutboxStore {
  /** Takes deliveries that are due, the oldest first, for as long as the lease runs. */
  claim(claim: LeaseClaim): Promise<readonly DueDelivery[]>
  /** Ends a delivery for good. False when the lease is no longer ours. */
  settle(id: string, owner: string, outcome: 'delivered' | 'given_up' | 'disabled', at: number): Promise<boolean>
  /** Puts a delivery off. False when the lease is no longer ours. */
  retry(id: string, owner: string, nextAt: number): Promise<boolean>
  /** Every event of an account, the oldest first. */
  events(accountId: string): Promise<readonly { id: string; kind: AccountEventKind; epoch: number }[]>
}

/** Writes an event and its deliveries, unless it has been written. For use inside the transaction of the change. */
export async function announce(tx: Transaction<Tables>, event: AccountEvent): Promise<void> {
  const { kind, tenant, accountId, epoch, at } = event
  const id = `evt_${accountId.replace(/^acc_/, '')}_${epoch}_${kind === 'account.recovered' ? 'recovered' : 'reauth'}`
  const data = { account_id: accountId, tenant, system: event.system, epoch, reason: event.reason ?? null }
  const payload = JSON.stringify({ type: kind, timestamp: new Date(at).toISOString(), data })
  const written = await tx
    .insertInto('outbox')
    .values({ id, tenant, account_id: accountId, epoch, kind, payload, created_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!written) return
  await tx
    .insertInto('webhook_delivery')
    .columns(['id', 'event_id', 'endpoint_id', 'attempts', 'next_at', 'lease_until'])
    .expression((eb) =>
      eb
        .selectFrom('webhook_endpoint')
        .select([
          sql<string>`cast(${id} as text) || '.' || webhook_endpoint.id`.as('id'),
          sql<string>`cast(${id} as text)`.as('event_id'),
          'webhook_endpoint.id as endpoint_id',
          sql<number>`0`.as('attempts'),
          sql<number>`cast(${at} as bigint)`.as('next_at'),
          sql<number>`0`.as('lease_until'),
        ])
        .where('tenant', '=', tenant)
        .where('disabled_at', 'is', null),
    )
    .execute()
}

/** `is null` as in the partial index. */
const deliveries: LeasedTable = { table: 'webhook_delivery', key: 'id', isOpen: sql`done_at is null` }

export function outboxStore(db: Kysely<Tables>): OutboxStore {
  return {
    async claim(claim) {
      const taken = await claimRows(db, deliveries, claim)
      if (taken.length === 0) return []
      const rows = await db
        .selectFrom('webhook_delivery')
        .innerJoin('outbox', 'outbox.id', 'webhook_delivery.event_id')
        .select(['webhook_delivery.id', 'event_id', 'endpoint_id', 'attempts', 'payload'])
        .where('webhook_delivery.id', 'in', taken)
        .execute()
      return rows.map((row) => ({
        id: row.id,
        eventId: row.event_id,
        endpointId: row.endpoint_id,
        attempts: row.attempts,
        payload: row.payload,
      }))
    },

    async settle(id, owner, outcome, at) {
      const result = await db
        .updateTable('webhook_delivery')
        .set({ done_at: at, outcome, lease_owner: null, lease_until: 0 })
        .where('id', '=', id)
        .where('lease_owner', '=', owner)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },

    retry: (id, owner, nextAt) => putOff(db, deliveries, id, owner, nextAt),

    async events(accountId) {
      return db
        .selectFrom('outbox')
        .select(['id', 'kind', 'epoch'])
        .where('account_id', '=', accountId)
        .orderBy('epoch')
        .orderBy('kind')
        .execute()
    },
  }
}
