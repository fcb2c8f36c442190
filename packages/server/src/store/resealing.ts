/**
 * @module
 * What is sealed with which key, and replacing a seal without waiting: every replacement is conditional on the row
 * being as it was read, so a refresh that comes in between wins.
 */
import type { Kysely } from 'kysely'
import { keyOf } from '../keys/seal.ts'
import { metaStore, PSEUDONYM_KEY } from './meta.ts'
import type { Tables } from './schema.ts'

export interface SealedRow {
  readonly accountId: string
  readonly tenant: string
  readonly kid: number
  readonly sealed: Uint8Array
  readonly ver: number
}

export interface SealedEndpoint {
  readonly id: string
  readonly tenant: string
  readonly kid: number
  readonly sealed: Uint8Array
}

export interface ResealStore {
  /** How many rows each key has sealed. */
  countByKey(): Promise<ReadonlyMap<number, number>>
  /** Grants in the order of their accounts, after one of them; all, or those of other keys than `kid`. */
  grants(after: string, limit: number, exceptKid?: number): Promise<readonly SealedRow[]>
  /** Replaces seals that are still the ones that were read. Returns how many were. */
  replaceGrants(
    rows: readonly { readonly was: SealedRow; readonly kid: number; readonly sealed: Uint8Array }[],
  ): Promise<number>
  endpoints(exceptKid: number): Promise<readonly SealedEndpoint[]>
  replaceEndpoint(was: SealedEndpoint, kid: number, sealed: Uint8Array): Promise<void>
  /** Steps of connecting that wait for a person, sealed, with their ends in epoch milliseconds. */
  steps(now: number): Promise<readonly { readonly sealed: Uint8Array; readonly until: number }[]>
  /** Accounts whose grant did not open. */
  quarantined(): Promise<readonly { readonly accountId: string; readonly ver: number }[]>
}

export function resealStore(db: Kysely<Tables>): ResealStore {
  return {
    async countByKey() {
      const counts = new Map<number, number>()
      for (const table of ['account_secret', 'webhook_endpoint', 'audit_key'] as const) {
        const rows = await db
          .selectFrom(table)
          .select(['kid', (eb) => eb.fn.countAll<number>().as('rows')])
          .groupBy('kid')
          .execute()
        for (const { kid, rows: count } of rows) counts.set(kid, (counts.get(kid) ?? 0) + Number(count))
      }
      for (const stored of (await metaStore(db).startingWith(PSEUDONYM_KEY)).values()) {
        const kid = keyOf(Buffer.from(stored, 'base64url'))
        if (kid !== undefined) counts.set(kid, (counts.get(kid) ?? 0) + 1)
      }
      return counts
    },

    async grants(after, limit, exceptKid) {
      const all = db
        .selectFrom('account_secret')
        .innerJoin('account', 'account.id', 'account_secret.account_id')
        .select(['account_id', 'tenant', 'kid', 'sealed', 'account_secret.ver'])
        .where('account_id', '>', after)
        .orderBy('account_id')
        .limit(limit)
      const rows = await (exceptKid === undefined ? all : all.where('kid', '<>', exceptKid)).execute()
      return rows.map(({ account_id: accountId, ...row }) => ({ accountId, ...row }))
    },

    async replaceGrants(rows) {
      return db.transaction().execute(async (tx) => {
        let replaced = 0
        for (const { was, kid, sealed } of rows) {
          const result = await tx
            .updateTable('account_secret')
            .set({ kid, sealed })
            .where('account_id', '=', was.accountId)
            .where('ver', '=', was.ver)
            .where('kid', '=', was.kid)
            .executeTakeFirst()
          replaced += Number(result.numUpdatedRows)
        }
        return replaced
      })
    },

    async endpoints(exceptKid) {
      const rows = await db
        .selectFrom('webhook_endpoint')
        .select(['id', 'tenant', 'kid', 'sealed'])
        .where('kid', '<>', exceptKid)
        .execute()
      return rows.map((row) => ({ ...row, sealed: Buffer.from(row.sealed, 'base64url') }))
    },

    async replaceEndpoint(was, kid, sealed) {
      await db
        .updateTable('webhook_endpoint')
        .set({ kid, sealed: Buffer.from(sealed).toString('base64url') })
        .where('id', '=', was.id)
        .where('kid', '=', was.kid)
        .execute()
    },

    async steps(now) {
      const rows = await db
        .selectFrom('connect_session')
        .select(['sealed', 'step_until'])
        .where('sealed', 'is not', null)
        .where('step_until', '>', now)
        .execute()
      return rows.map(({ sealed, step_until: until }) => ({ sealed: Buffer.from(sealed ?? '', 'base64url'), until }))
    },

    async quarantined() {
      const rows = await db.selectFrom('account').select(['id', 'ver']).where('status', '=', 'quarantined').execute()
      return rows.map(({ id, ver }) => ({ accountId: id, ver }))
    },
  }
}
