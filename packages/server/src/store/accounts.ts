/**
 * @module
 * Integrated accounts and their sealed grants. Every write of a grant is a compare-and-set on the version, so that a
 * process that lost a race can never overwrite the winner.
 */
import type { Kysely, Selectable, Transaction } from 'kysely'
import type { IntegratedAccount } from '../entities/account.ts'
import { disconnectAccounts } from './disconnect-accounts.ts'
import { announce } from './outbox.ts'
import type { AccountTable, Tables } from './schema.ts'

/** A sealed grant with the version that its seal is bound to. */
export interface SealedGrant {
  readonly kid: number
  readonly sealed: Uint8Array
  readonly ver: number
  /** The same for every account that lives on the same refresh token; undefined when there is none. */
  readonly mark?: string
}

/** Epoch milliseconds: when the access token stops working, and when to replace it. */
export interface GrantTimes {
  readonly expiresAt: number
  readonly refreshAt: number
}

/** What the refresher needs to know of an account. */
export interface GrantState {
  readonly account: IntegratedAccount
  readonly ver: number
  readonly times: GrantTimes
  readonly leaseOwner: string | undefined
  readonly leaseUntil: number
  readonly attempts: number
  /** When the first attempt began that never reported back; meaningless while there is none. */
  readonly attemptedAt: number
  /** Attempts that failed one after the other. */
  readonly failures: number
  /** Before this moment no process asks the system again. */
  readonly retryAt: number
  /** When the system first said that the grant is gone; 0 when it did not. */
  readonly suspectAt: number
  /** The stored grant came from sending a refresh token a second time. */
  readonly replayed: boolean
  /** Last use, to the day; the day it was connected when it has not been used. */
  readonly usedAt: number
  /** How often it has needed a new grant. */
  readonly epoch: number
}

/** A refreshed grant, and what else the system's answer changed. */
export interface Refreshed {
  readonly grant: SealedGrant
  readonly times: GrantTimes
  readonly scopes?: readonly string[]
  readonly apiBase?: string
  /** Set when the account needed a new grant until now: it is active again, and its tenant is told. */
  readonly healedAt?: number
}

export interface Lease {
  readonly owner: string
  readonly until: number
  /** How long after its end another's lease that was not given back is still respected, in milliseconds. */
  readonly takeoverDelayMs?: number
}

export interface AccountStore {
  insert(account: IntegratedAccount, grant: SealedGrant, times: GrantTimes): Promise<void>
  find(id: string): Promise<IntegratedAccount | undefined>
  list(tenant: string | undefined): Promise<readonly IntegratedAccount[]>
  state(id: string): Promise<GrantState | undefined>
  grant(id: string): Promise<SealedGrant | undefined>
  /**
   * Takes the right to refresh. Succeeds only for the version that was seen, while the account is active and nobody
   * else holds a lease that is still running, or has ended without a word a moment ago. Returns how many attempts there have been, this one included.
   */
  lease(id: string, seen: number, lease: Lease, now: number): Promise<number | undefined>
  /** Ends another process's lease, known to be dead. True when it was still that lease. */
  breakLease(id: string, dead: Lease): Promise<boolean>
  /** Gives the lease back. `keepAttempt` when the system may have acted on it without our hearing so. */
  release(id: string, owner: string, keepAttempt: boolean): Promise<void>
  /** Stores a refreshed grant. False when the lease or the version is no longer ours. */
  complete(id: string, owner: string, seen: number, next: Refreshed): Promise<boolean>
  setStatus(id: string, seen: number, status: IntegratedAccount['status'], reason: string | undefined): Promise<boolean>
  /**
   * Removes an account and its URLs. Its grant stays sealed until its system has been told, and nothing uses it any
   * more. The row stays, so that the audit can be read.
   */
  disconnect(id: string, now: number): Promise<void>
}

export function accountStore(db: Kysely<Tables>): AccountStore {
  return {
    async insert(account, grant, times) {
      await db.transaction().execute(async (tx) => {
        await tx
          .insertInto('account')
          .values({
            id: account.id,
            tenant: account.tenant,
            system: account.system,
            label: account.label,
            status: account.status,
            reason: account.reason ?? null,
            scopes: account.scopes === undefined ? null : JSON.stringify(account.scopes),
            api_base: account.apiBase,
            ver: grant.ver,
            expires_at: times.expiresAt,
            refresh_at: times.refreshAt,
            lease_owner: null,
            lease_until: 0,
            attempts: 0,
            created_at: account.createdAt,
          })
          .execute()
        await tx
          .insertInto('account_secret')
          .values({ account_id: account.id, ...secretColumns(grant) })
          .execute()
      })
    },

    async find(id) {
      const row = await db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toAccount(row)
    },

    async list(tenant) {
      const all = db.selectFrom('account').selectAll().orderBy('created_at').orderBy('id')
      const rows = await (tenant === undefined ? all : all.where('tenant', '=', tenant)).execute()
      return rows.map(toAccount)
    },

    async state(id) {
      const row = await db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toState(row)
    },

    async grant(id) {
      return db
        .selectFrom('account_secret')
        .select(['kid', 'sealed', 'ver'])
        .where('account_id', '=', id)
        .executeTakeFirst()
    },

    async lease(id, seen, lease, now) {
      const row = await db
        .updateTable('account')
        .set((eb) => ({
          lease_owner: lease.owner,
          lease_until: lease.until,
          attempted_at: eb.case().when('attempts', '=', 0).then(now).else(eb.ref('attempted_at')).end(),
          attempts: eb('attempts', '+', 1),
        }))
        .where('id', '=', id)
        .where('ver', '=', seen)
        .where('status', '=', 'active')
        .where('lease_until', '<=', now)
        .where((eb) =>
          eb.or([eb('lease_owner', 'is', null), eb('lease_until', '<=', now - (lease.takeoverDelayMs ?? 0))]),
        )
        .returning('attempts')
        .executeTakeFirst()
      return row?.attempts
    },

    async breakLease(id, dead) {
      const result = await db
        .updateTable('account')
        .set({ lease_owner: null, lease_until: 0 })
        .where('id', '=', id)
        .where('lease_owner', '=', dead.owner)
        .where('lease_until', '=', dead.until)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },

    async release(id, owner, keepAttempt) {
      await db
        .updateTable('account')
        .set((eb) => ({
          lease_owner: null,
          lease_until: 0,
          attempts: keepAttempt ? eb.ref('attempts') : eb('attempts', '-', 1),
        }))
        .where('id', '=', id)
        .where('lease_owner', '=', owner)
        .execute()
    },

    async complete(id, owner, seen, next) {
      return db.transaction().execute(async (tx) => {
        const updated = await tx
          .updateTable('account')
          .set((eb) => ({
            replayed: eb.case().when('attempts', '>', 1).then(1).else(0).end(),
            ver: next.grant.ver,
            expires_at: next.times.expiresAt,
            refresh_at: next.times.refreshAt,
            lease_owner: null,
            lease_until: 0,
            attempts: 0,
            failures: 0,
            retry_at: 0,
            suspect_at: 0,
            ...(next.scopes === undefined ? {} : { scopes: JSON.stringify(next.scopes) }),
            ...(next.apiBase === undefined ? {} : { api_base: next.apiBase }),
            ...(next.healedAt === undefined ? {} : { status: 'active' as const, reason: null }),
          }))
          .where('id', '=', id)
          .where('ver', '=', seen)
          .where('lease_owner', '=', owner)
          .returning(['tenant', 'system', 'epoch'])
          .executeTakeFirst()
        if (!updated) {
          await keepForRevocation(tx, id, seen, next.grant)
          return false
        }
        if (next.healedAt !== undefined) {
          const { healedAt: at } = next
          await announce(tx, { kind: 'account.recovered', accountId: id, ...updated, reason: undefined, at })
        }
        await tx.updateTable('account_secret').set(secretColumns(next.grant)).where('account_id', '=', id).execute()
        return true
      })
    },

    async setStatus(id, seen, status, reason) {
      const result = await db
        .updateTable('account')
        .set({ status, reason: reason ?? null, lease_owner: null, lease_until: 0 })
        .where('id', '=', id)
        .where('ver', '=', seen)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },

    async disconnect(id, now) {
      await db.transaction().execute((tx) => disconnectAccounts(tx, { id }, now))
    },
  }
}

/** Everything of a grant that is stored. */
export function secretColumns({ kid, sealed, ver, mark }: SealedGrant) {
  return { kid, sealed, ver, mark: mark ?? null }
}

/** A refresh that was under way while its account was removed: the grant to take back is the one that it brought. */
async function keepForRevocation(tx: Transaction<Tables>, id: string, seen: number, grant: SealedGrant): Promise<void> {
  await tx
    .updateTable('account_secret')
    .set(secretColumns(grant))
    .where('account_id', '=', id)
    .where('ver', '=', seen)
    .where('account_id', 'in', (eb) => eb.selectFrom('grant_revocation').select('account_id'))
    .execute()
}

export function toState(row: Selectable<AccountTable>): GrantState {
  return {
    account: toAccount(row),
    ver: row.ver,
    times: { expiresAt: row.expires_at, refreshAt: row.refresh_at },
    leaseOwner: row.lease_owner ?? undefined,
    leaseUntil: row.lease_until,
    attempts: row.attempts,
    attemptedAt: row.attempted_at,
    failures: row.failures,
    retryAt: row.retry_at,
    suspectAt: row.suspect_at,
    replayed: row.replayed === 1,
    usedAt: Math.max(row.used_at, row.created_at),
    epoch: row.epoch,
  }
}

function toAccount(row: Selectable<AccountTable>): IntegratedAccount {
  return {
    id: row.id,
    tenant: row.tenant,
    system: row.system,
    label: row.label,
    status: row.status,
    reason: row.reason ?? undefined,
    scopes: row.scopes === null ? undefined : (JSON.parse(row.scopes) as string[]),
    apiBase: row.api_base,
    createdAt: row.created_at,
  }
}
