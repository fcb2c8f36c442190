/**
 * @module
 * The names of an account's own fields, found out once per account and resource and remembered for ten minutes.
 */
import type { Connection, Discovery, Method, MethodInput, MethodOutcome } from '@quartermaster/connectors'
import type { IntegratedAccount } from '../tenants/account.ts'
import type { Authorized } from './authorized.ts'

const REMEMBERED_MS = 600_000
const MAX_REMEMBERED = 10_000

/** The names; or the system's refusal, when it is one that the call itself would meet: a quota, a rejected token. */
export type FoundFields =
  | { readonly names: readonly string[] }
  | { readonly refused: Extract<MethodOutcome, { readonly ok: false }> }

export interface CustomFields {
  of(
    account: IntegratedAccount,
    call: { readonly method: Method; readonly discovery: Discovery; readonly input: MethodInput },
    connection: Connection,
    way: { readonly authorized: Authorized; readonly tokenVer: number },
  ): Promise<FoundFields>
}

export function customFields(now: () => number): CustomFields {
  const remembered = new Map<string, { readonly names: readonly string[]; readonly until: number }>()
  const underway = new Map<string, Promise<FoundFields>>()
  return {
    of(account, { method, discovery, input }, connection, { authorized, tokenVer }) {
      const key = `${account.tenant}|${account.id}|${discovery.key}`
      const known = remembered.get(key)
      if (known && now() < known.until) return Promise.resolve({ names: known.names })
      // Only callers with the same token share a question: a refusal of an old token says nothing about a new one.
      const question = `${key}|${tokenVer}`
      const running = underway.get(question)
      if (running) return running
      const found = find(method, discovery, input, connection, authorized)
        .then(({ found, told }) => {
          if (told && 'names' in found) {
            if (remembered.size >= MAX_REMEMBERED) remembered.clear()
            remembered.set(key, { names: found.names, until: now() + REMEMBERED_MS })
          }
          return found
        })
        .finally(() => underway.delete(question))
      underway.set(question, found)
      return found
    },
  }
}

async function find(
  method: Method,
  discovery: Discovery,
  input: MethodInput,
  connection: Connection,
  authorized: Authorized,
): Promise<{ readonly found: FoundFields; readonly told: boolean }> {
  const response = await authorized(discovery.prepare(connection))
  if (response.status === 200) {
    try {
      return { found: { names: await discovery.read(response) }, told: true }
    } catch {
      // A list of names that cannot be read costs the caller its custom fields, not its answer.
      return { found: { names: [] }, told: false }
    }
  }
  // Errors look alike at every path of a system, so the method can tell what this one means.
  const refused = await method.read(response, input)
  const final = !refused.ok && (refused.unauthorized === true || refused.failure.code === 'rate_limited')
  return { found: final ? { refused } : { names: [] }, told: false }
}
