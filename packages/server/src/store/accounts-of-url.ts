/**
 * @module
 * The accounts of a URL in its row: the first in a column of its own, the others as a list beside it.
 */
import type { ExpressionBuilder, Transaction } from 'kysely'
import { accountIdsOf, type McpServer } from '../entities/mcp-server.ts'
import type { McpServerTable, Tables } from './schema.ts'

export function writeOtherAccounts({ otherAccountIds }: Pick<McpServer, 'otherAccountIds'>): string | null {
  return otherAccountIds && otherAccountIds.length > 0 ? JSON.stringify(otherAccountIds) : null
}

export function readAccounts(row: {
  readonly account_id: string
  readonly other_accounts: string | null
}): Pick<McpServer, 'accountId' | 'otherAccountIds'> {
  const others = row.other_accounts === null ? undefined : (JSON.parse(row.other_accounts) as readonly string[])
  return { accountId: row.account_id, ...(others ? { otherAccountIds: others } : {}) }
}

/** The rows of URLs over this account, alone or with others. */
export function isOver(accountId: string) {
  return (eb: ExpressionBuilder<Tables & { mcp_server: McpServerTable }, 'mcp_server'>) =>
    eb.or([eb('account_id', '=', accountId), eb('other_accounts', 'like', `%"${accountId}"%`)])
}

/** Ends the URLs over an account that has just been removed, unless another account is left to them. */
export async function endUrlsOf(tx: Transaction<Tables>, accountId: string, now: number): Promise<number> {
  const rows = await tx
    .selectFrom('mcp_server')
    .select(['id', 'account_id', 'other_accounts'])
    .where(isOver(accountId))
    .where('revoked_at', 'is', null)
    .execute()
  const named = [...new Set(rows.flatMap((row) => accountIdsOf(readAccounts(row))))]
  if (named.length === 0) return 0
  const left = await tx
    .selectFrom('account')
    .select('id')
    .where('id', 'in', named)
    .where('status', '<>', 'disconnected')
    .execute()
  const living = new Set(left.map(({ id }) => id))
  const ended = rows.filter((row) => !accountIdsOf(readAccounts(row)).some((id) => living.has(id))).map(({ id }) => id)
  if (ended.length === 0) return 0
  const result = await tx.updateTable('mcp_server').set({ revoked_at: now }).where('id', 'in', ended).executeTakeFirst()
  return Number(result.numUpdatedRows)
}
