/**
 * @module
 * URLs derived from other URLs. One works exactly as long as all its ancestors do, each by the token that was used to derive
 * the next: it is looked up at every use, so whatever ends a URL ends all below it in the same moment, also those that
 * are being made then.
 */
import type { Kysely, Selectable } from 'kysely'
import type { McpServer } from '../entities/mcp-server.ts'
import { writeOtherAccounts } from './accounts-of-url.ts'
import { opens } from './rotated-tokens.ts'
import type { AncestorLink, McpServerTable, Tables } from './schema.ts'

type Row = Selectable<McpServerTable>

export interface Derivation {
  readonly server: McpServer
  readonly tokenHash: string
  readonly parent: { readonly id: string; readonly tokenHash: string }
}

/** `made`: with its end, the parent's old URL ends before its new one. `ended`: the parent does not work any more. */
export type DerivationResult = { readonly made: true; readonly expiresAt: number } | 'ended' | 'too_many'

export const MAX_CHILDREN = 100
/** Of one issued URL, over all depths. */
export const MAX_DESCENDANTS = 1_000
/** A short-lived one counts for this long at least, so that the number is a rate as well. */
const COUNTED_MS = 60_000

/** Stores a derived URL, unless its parent has ended or has too many. */
export function deriveServer(db: Kysely<Tables>, derivation: Derivation, now: number): Promise<DerivationResult> {
  const { server, tokenHash, parent } = derivation
  return db.transaction().execute(async (tx) => {
    // Taken first: who derives from the same issued URL waits here, so the counts are exact.
    await tx
      .updateTable('mcp_server')
      .set((eb) => ({ account_id: eb.ref('account_id') }))
      .where('id', '=', (eb) =>
        eb
          .selectFrom('mcp_server as parent')
          .select((of) => of.fn.coalesce('parent.root_id', 'parent.id').as('id'))
          .where('parent.id', '=', parent.id),
      )
      .execute()
    const parentRow = await tx
      .selectFrom('mcp_server')
      .selectAll()
      .where('id', '=', parent.id)
      .where(opens(parent.tokenHash, now))
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    if (!parentRow) return 'ended'
    const rootId = parentRow.root_id ?? parentRow.id
    await tx
      .deleteFrom('mcp_server')
      .where('root_id', '=', rootId)
      .where('expires_at', '<=', now)
      .where('created_at', '<=', now - COUNTED_MS)
      .execute()
    const counted = await tx
      .selectFrom('mcp_server')
      .select(['parent_id'])
      .where('root_id', '=', rootId)
      .where('revoked_at', 'is', null)
      .execute()
    const own = counted.filter(({ parent_id }) => parent_id === parentRow.id).length
    if (own >= MAX_CHILDREN || counted.length >= MAX_DESCENDANTS) return 'too_many'
    const expiresAt = Math.min(server.expiresAt, endOf(parentRow, parent.tokenHash) ?? now)
    const links: readonly AncestorLink[] = [{ id: parentRow.id, hash: parent.tokenHash }, ...ancestorsOf(parentRow)]
    await tx
      .insertInto('mcp_server')
      .values({
        id: server.id,
        tenant: parentRow.tenant,
        account_id: server.accountId,
        other_accounts: writeOtherAccounts(server),
        name: server.name,
        config: JSON.stringify(server.config),
        token_hash: tokenHash,
        created_at: server.createdAt,
        expires_at: expiresAt,
        revoked_at: null,
        old_hash: null,
        old_until: 0,
        wider: JSON.stringify(server.ancestorConfigs ?? []),
        parent_id: parentRow.id,
        root_id: rootId,
        line: JSON.stringify(links),
      })
      .execute()
    return { made: true, expiresAt }
  })
}

/** A row, and those of its ancestors, nearest first. */
export type EffectiveRow = Row & { readonly ancestors: readonly Row[] }

/** The rows as they are in force: ended with the first of their ancestors that has ended. One query, and none without ancestors. */
export async function effectiveRows(db: Kysely<Tables>, rows: readonly Row[]): Promise<readonly EffectiveRow[]> {
  const ids = [...new Set(rows.flatMap((row) => ancestorsOf(row).map(({ id }) => id)))]
  if (ids.length === 0) return rows.map((row) => ({ ...row, ancestors: [] }))
  const ancestors = await db.selectFrom('mcp_server').selectAll().where('id', 'in', ids).execute()
  const byId = new Map(ancestors.map((row) => [row.id, row]))
  return rows.map((row) => {
    const links = ancestorsOf(row)
    const held = links.reduce((now, link) => limitedBy(now, link, byId.get(link.id)), row)
    return { ...held, ancestors: links.flatMap(({ id }) => byId.get(id) ?? []) }
  })
}

function limitedBy(row: Row, { hash }: AncestorLink, ancestor: Row | undefined): Row {
  // It has ended, and when cannot be told any more: in doubt, it never worked.
  const goneAt = row.created_at
  const endsAt = ancestor ? (endOf(ancestor, hash) ?? goneAt) : goneAt
  const revokedAt = [row.revoked_at, ancestor?.revoked_at].filter((at) => at !== null && at !== undefined)
  return {
    ...row,
    expires_at: Math.min(row.expires_at, endsAt),
    revoked_at: revokedAt.length > 0 ? Math.min(...revokedAt) : null,
  }
}

/** When a row stops to open for a token; undefined when it does not know the token. */
function endOf(row: Row, tokenHash: string): number | undefined {
  if (row.token_hash === tokenHash) return row.expires_at
  return row.old_hash === tokenHash ? Math.min(row.expires_at, row.old_until) : undefined
}

function ancestorsOf({ line }: Row): readonly AncestorLink[] {
  return line === null ? [] : (JSON.parse(line) as readonly AncestorLink[])
}
