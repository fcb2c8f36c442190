/**
 * @module
 * Removes accounts, one or all of a tenant, with everything that opens them. Their secrets stay only as long as their
 * systems have to be told.
 */
import { sql, type Transaction } from 'kysely'
import { endUrlsOf } from './accounts-of-url.ts'
import type { Tables } from './schema.ts'

export interface Disconnected {
  readonly accounts: number
  readonly urls: number
}

/** For use in a transaction: it is all true at once, or nothing is. What was removed before is not counted. */
export async function disconnectAccounts(
  tx: Transaction<Tables>,
  which: { readonly id: string } | { readonly tenant: string },
  now: number,
): Promise<Disconnected> {
  const [column, value] =
    'id' in which ? (['account.id', which.id] as const) : (['account.tenant', which.tenant] as const)
  await tx
    .insertInto('grant_revocation')
    .columns(['account_id', 'attempts', 'next_at', 'lease_until', 'created_at'])
    .expression((eb) =>
      eb
        .selectFrom('account')
        .innerJoin('account_secret', 'account_secret.account_id', 'account.id')
        .select([
          'account.id',
          sql<number>`0`.as('attempts'),
          // A refresh that is under way ends first: it may bring the token that has to be taken back.
          sql<number>`case when account.lease_until > ${now} then account.lease_until else cast(${now} as bigint) end`.as(
            'next_at',
          ),
          sql<number>`0`.as('lease_until'),
          sql<number>`cast(${now} as bigint)`.as('created_at'),
        ])
        .where(column, '=', value)
        .where('account.status', '<>', 'disconnected'),
    )
    .execute()
  const removed = await tx
    .updateTable('account')
    .set((eb) => ({
      status: 'disconnected',
      reason: 'revoking',
      ver: eb('ver', '+', 1),
      lease_owner: null,
      lease_until: 0,
    }))
    .where(column, '=', value)
    .where('account.status', '<>', 'disconnected')
    .executeTakeFirst()
  const urls = 'id' in which ? await endUrlsOf(tx, which.id, now) : await endAllUrls(tx, which.tenant, now)
  return { accounts: Number(removed.numUpdatedRows), urls }
}

async function endAllUrls(tx: Transaction<Tables>, tenant: string, now: number): Promise<number> {
  const result = await tx
    .updateTable('mcp_server')
    .set({ revoked_at: now })
    .where('tenant', '=', tenant)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}
