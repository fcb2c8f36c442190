/**
 * @module
 * The names of an account's own fields, found out once per account and resource and remembered for ten minutes.
 */
import type { Connection, Discovery } from '@quartermaster/connectors'
import type { IntegratedAccount } from '../tenants/account.ts'
import type { Authorized } from './send.ts'

const REMEMBERED_MS = 600_000
const MAX_REMEMBERED = 10_000

export interface CustomFields {
  /** Empty when the system does not tell; a call is never refused for that. */
  of(
    account: IntegratedAccount,
    discovery: Discovery,
    connection: Connection,
    authorized: Authorized,
  ): Promise<readonly string[]>
}

export function customFields(now: () => number): CustomFields {
  const remembered = new Map<string, { readonly names: Promise<readonly string[]>; readonly until: number }>()
  return {
    of(account, discovery, connection, authorized) {
      const key = `${account.tenant}|${account.id}|${discovery.key}`
      const known = remembered.get(key)
      if (known && now() < known.until) return known.names
      const names = authorized(discovery.prepare(connection))
        .then((response) =>
          response.status === 200 ? discovery.read(response) : Promise.reject(new Error('not told')),
        )
        .catch(() => {
          remembered.delete(key)
          return []
        })
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      remembered.set(key, { names, until: now() + REMEMBERED_MS })
      return names
    },
  }
}
