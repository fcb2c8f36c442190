/**
 * @module
 * Facts about the installation itself, such as the value that proves the key ring is the right one.
 */
import type { Kysely } from 'kysely'
import type { Tables } from './schema.ts'

/** The address to which the data of a directory was moved. */
export const MOVED_TO = 'moved_to'
/** The sealed pseudonym key of a tenant, whose name follows. */
export const PSEUDONYM_KEY = 'pseudonym_key:'

export interface MetaStore {
  get(key: string): Promise<string | undefined>
  /** Facts whose key starts so, by what follows. */
  startingWith(prefix: string): Promise<ReadonlyMap<string, string>>
  /** Keeps the value that was there first. */
  putIfAbsent(key: string, value: string): Promise<void>
  /** Keeps the value, whatever was there. */
  put(key: string, value: string): Promise<void>
  /** Replaces a value that is still the one that was read. */
  replace(key: string, was: string, value: string): Promise<void>
}

export function metaStore(db: Kysely<Tables>): MetaStore {
  return {
    async get(key) {
      const row = await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst()
      return row?.value
    },
    async startingWith(prefix) {
      // Compared, not matched: names of tenants may hold what a pattern takes for a wildcard.
      const rows = await db
        .selectFrom('meta')
        .selectAll()
        .where((eb) => eb(eb.fn('substr', ['key', eb.val(1), eb.val(prefix.length)]), '=', prefix))
        .orderBy('key')
        .execute()
      return new Map(rows.map(({ key, value }) => [key.slice(prefix.length), value]))
    },
    async putIfAbsent(key, value) {
      await db
        .insertInto('meta')
        .values({ key, value })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .execute()
    },
    async put(key, value) {
      await db
        .insertInto('meta')
        .values({ key, value })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
        .execute()
    },
    async replace(key, was, value) {
      await db.updateTable('meta').set({ value }).where('key', '=', key).where('value', '=', was).execute()
    },
  }
}
