/**
 * @module
 * From a URL token and a second factor to what they open. Every way of being wrong has the same answer: nothing.
 */
import type { Connector } from '@quartermaster/connectors'
import { policies } from '@quartermaster/protocol'
import type { Access } from '../invoke/call.ts'
import type { ClassifiedConnector } from '../policy/classify-connector.ts'
import type { Store } from '../store/open.ts'
import { deriveTools } from '../tools/derive-tools.ts'
import { type Level, offerTools } from '../tools/offer.ts'
import type { IntegratedAccount } from './account.ts'
import { type ApiToken, covers } from './api-token.ts'
import { type LevelPlan, levelsOf } from './levels.ts'
import { type LookupLimit, lookupLimit } from './lookup-limit.ts'
import type { McpServer } from './mcp-server.ts'
import { hashToken, isApiToken, isUrlToken } from './tokens.ts'

export interface AccessParts {
  readonly store: Store
  readonly catalog: ReadonlyMap<string, Connector>
  readonly classified: ClassifiedConnector
  readonly now: () => number
}

/** What came with the URL token. */
export interface SecondFactor {
  /** The `Authorization` header. */
  readonly authorization: string | undefined
  /** The `key` of the query, for clients that cannot send headers. Looked at only without the header. */
  readonly key?: string | undefined
}

export type Found =
  | { readonly ok: true; readonly access: Access }
  | { readonly ok: false; readonly why: 'unknown' | 'too_many_guesses' }

export type FindAccess = (urlToken: string, factor: SecondFactor) => Promise<Found>

const unknown: Found = { ok: false, why: 'unknown' }
const tooMany: Found = { ok: false, why: 'too_many_guesses' }

/** A finder with a limit of its own on looking for what it never finds. */
export function accessFinder(parts: AccessParts): FindAccess {
  const { store, catalog, classified, now } = parts
  const limit = lookupLimit(now)
  const accountIds = new Map<string, readonly string[]>()
  const allOf = (ids: readonly string[]) => Promise.all(ids.map((id) => store.accounts.find(id)))

  /** Nothing for an account that is gone, or that this installation cannot serve any more. */
  function seatOf(
    tenant: string,
    { configs, accountIds: { length } }: LevelPlan,
    account: IntegratedAccount | undefined,
  ) {
    const plain = account && catalog.get(account.system)
    if (!account || !plain || account.tenant !== tenant) return []
    if (account.status === 'disconnected' && length > 1) return []
    const connector = classified(tenant, plain)
    const [config, ...wider] = configs
    return [{ account, connector, tools: deriveTools(connector, config, account.scopes, wider) }]
  }

  return async (urlToken, factor) => {
    // The checksum is looked at first: an invented token costs no query.
    if (!isUrlToken(urlToken)) return unknown
    const hash = hashToken(urlToken)
    if (!limit.admit(hash)) return tooMany
    // A URL never changes its accounts, so all is asked for at once from the second time on.
    const expected = accountIds.get(hash)
    const [server, bearer, early] = await Promise.all([
      store.servers.findByHash(hash, now()),
      findBearer(store, limit, factor, now()),
      expected === undefined ? undefined : allOf(expected),
    ])
    if (!server || !isOpen(server, now())) return unknown
    limit.found(hash)
    if (bearer === 'not_looked_up') return tooMany
    const isNeeded = server.config.require_api_token_auth
    if (isNeeded && !(bearer && covers(bearer, server.tenant))) return unknown
    const plans = levelsOf(server)
    const ids = [...new Set(plans.flatMap((plan) => plan.accountIds))]
    const accounts = early && expected?.join() === ids.join() ? early : await allOf(ids)
    const byId = new Map(ids.map((id, at) => [id, accounts[at]]))
    const levelOf = (plan: LevelPlan): Level => {
      const seats = plan.accountIds.flatMap((id) => seatOf(server.tenant, plan, byId.get(id)))
      return { configs: plan.configs, seats }
    }
    const [plan, ...plansAbove] = plans
    const own = levelOf(plan)
    const { seats } = own
    const [first] = seats
    if (!first) return unknown
    remember(accountIds, hash, ids)
    const offer = offerTools(server.id, [own, ...plansAbove.map(levelOf)])
    const actor = isNeeded && bearer ? { actor: bearer.id } : {}
    const access = { server, account: first.account, seats, ...offer, policy: policies[server.config.pii], ...actor }
    return { ok: true, access }
  }
}

/** The API token of a Bearer header, when it is valid. What it may do is in its scopes. */
export async function findApiToken(
  store: Store,
  authorization: string | undefined,
  now: number,
): Promise<ApiToken | undefined> {
  const text = bearerOf(authorization)
  return text === undefined || !isApiToken(text) ? undefined : findByText(store, text, now)
}

async function findBearer(
  store: Store,
  limit: LookupLimit,
  factor: SecondFactor,
  now: number,
): Promise<ApiToken | 'not_looked_up' | undefined> {
  const text = secretOf(factor)
  if (text === undefined || !isApiToken(text)) return undefined
  const hash = hashToken(text)
  if (!limit.admit(hash)) return 'not_looked_up'
  const token = await findByText(store, text, now)
  if (!token?.scopes.includes('runtime')) return undefined
  limit.found(hash)
  // An address is kept in more places than a header, so what stands in one may open nothing else.
  const isMeek = token.tenant !== undefined && token.scopes.length === 1
  return factor.authorization === undefined && !isMeek ? undefined : token
}

/** The text that is looked up as an API token. */
export function secretOf({ authorization, key }: SecondFactor): string | undefined {
  return authorization === undefined ? key : bearerOf(authorization)
}

async function findByText(store: Store, text: string, now: number): Promise<ApiToken | undefined> {
  const token = await store.apiTokens.findByHash(hashToken(text), now)
  return token?.revokedAt === undefined ? token : undefined
}

function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
}

function isOpen(server: McpServer, now: number): boolean {
  return server.revokedAt === undefined && server.expiresAt > now
}

const REMEMBERED = 10_000

function remember(accountIds: Map<string, readonly string[]>, hash: string, ids: readonly string[]): void {
  accountIds.delete(hash)
  accountIds.set(hash, ids)
  const [oldest] = accountIds.keys()
  if (accountIds.size > REMEMBERED && oldest !== undefined) accountIds.delete(oldest)
}
