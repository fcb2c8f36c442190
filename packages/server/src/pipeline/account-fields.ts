/**
 * @module
 * The fields that an account has for a resource, found out once and remembered for ten minutes.
 */
import {
  type AccountField,
  type Connection,
  customFieldNames,
  type FieldSource,
  type Method,
  type MethodInput,
  type MethodOutcome,
} from '@quartermaster/connectors'
import { LRUCache } from 'lru-cache'
import type { IntegratedAccount } from '../entities/account.ts'
import type { AuthorizedSend } from './authorized-send.ts'

const REMEMBERED_MS = 600_000
const MAX_REMEMBERED = 4_000

/** The fields; or the system's refusal, when it is one that the call itself would meet: a quota, a rejected token. */
export type FoundFields =
  | { readonly fields: readonly AccountField[] /** Names that reads must ask for. */; readonly own: readonly string[] }
  | { readonly refused: Extract<MethodOutcome, { readonly ok: false }> }

export interface KnownFields {
  readonly fields: readonly AccountField[]
  readonly isFresh: boolean
}

export interface AccountFields {
  /** Asks the system unless the answer is remembered. Callers with the same token share a question. */
  of(
    account: IntegratedAccount,
    call: { readonly method: Method; readonly source: FieldSource; readonly input: MethodInput },
    connection: Connection,
    way: { readonly authorized: AuthorizedSend; readonly tokenVer: number },
  ): Promise<FoundFields>
  /** What is remembered, however old; undefined when nothing is. */
  known(account: IntegratedAccount, source: FieldSource): KnownFields | undefined
}

interface Remembered {
  readonly found: Extract<FoundFields, { readonly fields: unknown }>
  readonly until: number
}

const nothing = { fields: [], own: [] }

export function accountFields(now: () => number): AccountFields {
  const remembered = new LRUCache<string, Remembered>({ max: MAX_REMEMBERED })
  const underway = new Map<string, Promise<FoundFields>>()
  const keyOf = (account: IntegratedAccount, { resource }: FieldSource) => `${account.tenant}|${account.id}|${resource}`

  return {
    known(account, source) {
      const entry = remembered.get(keyOf(account, source))
      return entry && { fields: entry.found.fields, isFresh: now() < entry.until }
    },
    of(account, call, connection, { authorized, tokenVer }) {
      const key = keyOf(account, call.source)
      const entry = remembered.get(key)
      if (entry && now() < entry.until) return Promise.resolve(entry.found)
      // Only callers with the same token share a question: a refusal of an old token says nothing about a new one.
      const question = `${key}|${tokenVer}`
      const running = underway.get(question)
      if (running) return running
      const asked = find(call, connection, authorized)
        .then(({ found, told }) => {
          if (told && 'fields' in found) remembered.set(key, { found, until: now() + REMEMBERED_MS })
          return found
        })
        .finally(() => underway.delete(question))
      underway.set(question, asked)
      return asked
    },
  }
}

async function find(
  { method, source, input }: Parameters<AccountFields['of']>[1],
  connection: Connection,
  authorized: AuthorizedSend,
): Promise<{ readonly found: FoundFields; readonly told: boolean }> {
  const response = await authorized(source.prepare(connection))
  if (response.status === 200) {
    try {
      const fields = await source.read(response)
      return { found: { fields, own: customFieldNames(fields) }, told: true }
    } catch {
      // A description that cannot be read costs the caller its custom fields, not its answer.
      return { found: nothing, told: false }
    }
  }
  // Errors look alike at every path of a system, so the method can tell what this one means.
  const refused = await method.read(response, input)
  const final = !refused.ok && (refused.unauthorized === true || refused.failure.code === 'rate_limited')
  return { found: final ? { refused } : nothing, told: false }
}
