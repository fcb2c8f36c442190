/**
 * @module
 * What the refresh scheduler and refresh attempts write: which accounts are leased, and what became of each. Claims walk a
 * partial index on `refresh_at`, so their cost does not grow with the number of accounts.
 */
import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import { type GrantState, type Lease, toState } from './accounts.ts'
import { announce } from './outbox.ts'
import type { AccountTable, Tables } from './schema.ts'

export interface Claim {
  readonly system: string
  readonly owner: string
  /** Epoch milliseconds at which the leases end. */
  readonly until: number
  readonly now: number
  readonly limit: number
  /** As of {@link Lease}: how long another's lease that was not given back is respected after its end. */
  readonly takeoverDelayMs?: number
}

/** How a lease ends without a new grant. */
export interface LeaseRelease {
  /** The system may have acted on the request without our hearing so. */
  readonly keepAttempt: boolean
  /** One more in the row of failures that lengthens the wait. */
  readonly failed: boolean
  /** When the scheduler takes it up again. */
  readonly refreshAt: number
  /** Before this moment nobody asks for it again. */
  readonly retryAt: number
  /** When the system first said that the grant is gone; 0 when it did not. */
  readonly suspectAt: number
}

export interface RefreshStore {
  /** Leases active accounts that are due, the most urgent first. */
  claimDue(claim: Claim): Promise<readonly GrantState[]>
  /** Leases accounts that need a new grant and whose stored one is due to be tried again. */
  claimProbes(claim: Claim): Promise<readonly GrantState[]>
  /** Ends a lease without a new grant. */
  releaseLease(id: string, owner: string, release: LeaseRelease): Promise<void>
  /**
   * Marks that only the user can help, and writes the notification in the same transaction.
   * False when the grant is no longer the one that was seen, or somebody else was first.
   */
  markNeedsReauth(
    id: string,
    seen: number,
    change: { readonly reason: string; readonly at: number; readonly probeAt: number },
  ): Promise<boolean>
  /** Notes that the account is in use. Called at most once a day. */
  markUsed(id: string, at: number): Promise<void>
}

export function refreshStore(db: Kysely<Tables>): RefreshStore {
  return {
    claimDue: async (claim) => toStates(db, dueClaim(sql.lit('active'), claim)),
    claimProbes: async (claim) => toStates(db, dueClaim(sql.lit('needs_reauth'), claim)),

    async releaseLease(id, owner, { keepAttempt, failed, refreshAt, retryAt, suspectAt }) {
      await db
        .updateTable('account')
        .set((eb) => ({
          lease_owner: null,
          lease_until: 0,
          attempts: keepAttempt ? eb.ref('attempts') : eb('attempts', '-', 1),
          failures: failed ? eb('failures', '+', 1) : eb.ref('failures'),
          // Waits are spread at random; the columns are whole milliseconds.
          refresh_at: Math.floor(refreshAt),
          retry_at: Math.floor(retryAt),
          suspect_at: suspectAt,
        }))
        .where('id', '=', id)
        .where('lease_owner', '=', owner)
        .execute()
    },

    async markNeedsReauth(id, seen, { reason, at, probeAt }) {
      return db.transaction().execute(async (tx) => {
        const row = await tx
          .updateTable('account')
          .set((eb) => ({
            status: 'needs_reauth',
            reason,
            epoch: eb('epoch', '+', 1),
            lease_owner: null,
            lease_until: 0,
            failures: 0,
            suspect_at: 0,
            retry_at: 0,
            refresh_at: Math.floor(probeAt),
          }))
          .where('id', '=', id)
          .where('ver', '=', seen)
          .where('status', '=', 'active')
          .returning(['tenant', 'system', 'epoch'])
          .executeTakeFirst()
        if (!row) return false
        await announce(tx, { kind: 'account.needs_reauth', accountId: id, ...row, reason, at })
        return true
      })
    },

    async markUsed(id, at) {
      await db.updateTable('account').set({ used_at: at }).where('id', '=', id).execute()
    },
  }
}

/**
 * One statement that finds and leases. The status is a literal, because a partial index is only used for a condition
 * that repeats its own. Every condition is tested again outside, for stores that wait for a row and then recheck it: a
 * refresh that was just stored has ended its lease, too, and the account is no longer due.
 */
function dueClaim(status: RawBuilder<unknown>, { system, owner, until, now, limit, takeoverDelayMs = 0 }: Claim) {
  const free = sql`(lease_until <= ${now} and (lease_owner is null or lease_until <= ${now - takeoverDelayMs}))`
  return sql<Selectable<AccountTable>>`
    update account set
      lease_owner = ${owner},
      lease_until = ${until},
      attempted_at = case when attempts = 0 then ${now} else attempted_at end,
      attempts = attempts + 1
    where id in (
      select id from account
      where status = ${status} and system = ${system} and refresh_at <= ${now} and ${free}
      order by refresh_at limit ${limit}
    ) and status = ${status} and refresh_at <= ${now} and ${free}
    returning *`
}

async function toStates(
  db: Kysely<Tables>,
  statement: RawBuilder<Selectable<AccountTable>>,
): Promise<readonly GrantState[]> {
  const { rows } = await statement.execute(db)
  return rows.map(toState).sort((a, b) => a.times.refreshAt - b.times.refreshAt)
}
