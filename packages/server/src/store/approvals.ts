/**
 * @module
 * Approvals that were asked for, what people decided, and whether they have been used.
 */
import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely'
import { type ExpiringRows, expiringRows, type LimitReached } from './expiring-rows.ts'
import type { ApprovalTable, Tables } from './schema.ts'

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
  /** True when a person must decide at the server before it can be used. */
  readonly needsDecision: boolean
  /** Sealed: what the person who decides is shown. Removed with the decision. */
  readonly details?: Uint8Array
  readonly decision?: 'approved' | 'refused'
  readonly usedAt?: number
}

/** How many approvals of one URL there may be. */
export interface ApprovalLimits {
  /** Neither decided nor used nor expired. */
  readonly open: number
  /** In all, until they expire: so that what was used or refused is still known. */
  readonly kept: number
}

export interface ApprovalStore extends Pick<ExpiringRows, 'neededUntil' | 'sweep'> {
  /** Inserts nothing when the URL has as many as it may. */
  insert(approval: Omit<Approval, 'decision' | 'usedAt'>, limits: ApprovalLimits): Promise<LimitReached | undefined>
  find(id: string): Promise<Approval | undefined>
  /** Of several at once, the first decision stands. False when there was one before. */
  decide(id: string, decision: 'approved' | 'refused', by: string, at: number): Promise<boolean>
  /** True for exactly one caller. */
  use(id: string, at: number): Promise<boolean>
  unuse(id: string): Promise<void>
}

export function approvalStore(db: Kysely<Tables>): ApprovalStore {
  const rows = expiringRows(db, 'approval')
  return {
    neededUntil: rows.neededUntil,
    sweep: rows.sweep,
    async insert(approval, limits) {
      const { serverId, createdAt } = approval
      const row = {
        id: approval.id,
        tenant: approval.tenant,
        server_id: serverId,
        tool: approval.tool,
        kid: approval.kid,
        digest: approval.digest,
        created_at: createdAt,
        expires_at: approval.expiresAt,
        needs_decision: approval.needsDecision ? 1 : 0,
        details: approval.details ? Buffer.from(approval.details).toString('base64url') : null,
      }
      const isOpen = sql<SqlBool>`decision is null and used_at is null and expires_at > ${createdAt}`
      const [open, kept] = [{ limit: limits.open, only: isOpen }, { limit: limits.kept }]
      if (await rows.insert(row, createdAt, [open, kept])) return undefined
      // What has expired counts until it is swept.
      if ((await rows.sweep(createdAt, serverId)) > 0) return this.insert(approval, limits)
      return (
        (await rows.limitReached(open, serverId)) ??
        (await rows.limitReached(kept, serverId)) ??
        this.insert(approval, limits)
      )
    },
    async find(id) {
      const row = await db.selectFrom('approval').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toApproval(row)
    },
    async decide(id, decision, by, at) {
      const decided = await db
        .updateTable('approval')
        .set({ decision, decided_by: by, decided_at: at, details: null })
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
    ...(row.details === null ? {} : { details: Buffer.from(row.details, 'base64url') }),
    ...(row.decision === null ? {} : { decision: row.decision }),
    ...(row.used_at === null ? {} : { usedAt: row.used_at }),
  }
}
