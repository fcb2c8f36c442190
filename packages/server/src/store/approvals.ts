/**
 * @module
 * Approvals that were asked for, what people decided, and whether they have been used.
 */
import type { Kysely, Selectable } from 'kysely'
import type { Tables } from './tables.ts'
import type { ApprovalTable } from './writes-tables.ts'

export interface Approval {
  /** The digest of the handle; the handle itself is not stored. */
  readonly id: string
  readonly tenant: string
  readonly serverId: string
  readonly tool: string
  readonly kid: number
  readonly digest: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly expiresAt: number
  /** True when somebody must have decided at the server before it can be used. */
  readonly needsDecision: boolean
  readonly decision?: 'approved' | 'refused'
  readonly usedAt?: number
}

export interface ApprovalStore {
  insert(approval: Omit<Approval, 'decision' | 'usedAt'>): Promise<void>
  find(id: string): Promise<Approval | undefined>
  /** Of several at once, the first decision stands. False when there was one before. */
  decide(id: string, decision: 'approved' | 'refused', by: string, at: number): Promise<boolean>
  /** True for exactly one caller. */
  use(id: string, at: number): Promise<boolean>
  unuse(id: string): Promise<void>
  /** Until when an approval may be used that is compared with this key; undefined when none. */
  neededUntil(kid: number, now: number): Promise<number | undefined>
  /** Deletes what expired before. Returns how many. */
  sweep(now: number): Promise<number>
}

export function approvalStore(db: Kysely<Tables>): ApprovalStore {
  return {
    async insert(approval) {
      await db
        .insertInto('approval')
        .values({
          id: approval.id,
          tenant: approval.tenant,
          server_id: approval.serverId,
          tool: approval.tool,
          kid: approval.kid,
          digest: approval.digest,
          created_at: approval.createdAt,
          expires_at: approval.expiresAt,
          needs_decision: approval.needsDecision ? 1 : 0,
          decision: null,
          decided_by: null,
          decided_at: null,
          used_at: null,
        })
        .execute()
    },
    async find(id) {
      const row = await db.selectFrom('approval').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toApproval(row)
    },
    async decide(id, decision, by, at) {
      const decided = await db
        .updateTable('approval')
        .set({ decision, decided_by: by, decided_at: at })
        .where('id', '=', id)
        .where('decision', 'is', null)
        .where('used_at', 'is', null)
        .where('expires_at', '>', at)
        .executeTakeFirst()
      return Number(decided.numUpdatedRows) === 1
    },
    async use(id, at) {
      const used = await db
        .updateTable('approval')
        .set({ used_at: at })
        .where('id', '=', id)
        .where('used_at', 'is', null)
        .executeTakeFirst()
      return Number(used.numUpdatedRows) === 1
    },
    async unuse(id) {
      await db.updateTable('approval').set({ used_at: null }).where('id', '=', id).execute()
    },
    async neededUntil(kid, now) {
      const { last } = await db
        .selectFrom('approval')
        .select((eb) => eb.fn.max('expires_at').as('last'))
        .where('kid', '=', kid)
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow()
      return last ?? undefined
    },
    async sweep(now) {
      const gone = await db.deleteFrom('approval').where('expires_at', '<=', now).executeTakeFirst()
      return Number(gone.numDeletedRows)
    },
  }
}

function toApproval(row: Selectable<ApprovalTable>): Approval {
  return {
    id: row.id,
    tenant: row.tenant,
    serverId: row.server_id,
    tool: row.tool,
    kid: row.kid,
    digest: row.digest,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    needsDecision: row.needs_decision === 1,
    ...(row.decision === null ? {} : { decision: row.decision }),
    ...(row.used_at === null ? {} : { usedAt: row.used_at }),
  }
}
