/**
 * @module
 * From a URL token and a second factor to what they open. Every way of being wrong has the same answer, nothing; which
 * one it was is for operators only.
 */
import type { Connector } from '@quartermaster/connectors'
import { policies } from '@quartermaster/protocol'
import type { IntegratedAccount } from '../entities/account.ts'
import { type ApiToken, covers } from '../entities/api-token.ts'
import type { McpServer } from '../entities/mcp-server.ts'
import { hashToken, isApiToken, isUrlToken } from '../keys/tokens.ts'
import type { Access } from '../pipeline/call.ts'
import type { ClassifiedConnector } from '../policy/classify-connector.ts'
import type { Store } from '../store/open.ts'
import { deriveTools } from '../tools/derive-tools.ts'
import { type Level, offerTools } from '../tools/offer.ts'
import { type LevelPlan, levelsOf } from './levels.ts'
import { type LookupLimit, lookupLimit } from './lookup-limit.ts'

export interface AccessDeps {
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

export type Found = { readonly ok: true; readonly access: Access } | Refused

/** For the operator's log: a caller is never told more than that it does not work. */
export interface Refused {
  readonly ok: false
  readonly why: WhyRefused
  /** The beginning of the hash of a well-formed URL token, as the store holds it: no way back to the token. */
  readonly url?: string
  readonly serverId?: string
  /** The id of the API token that came as second factor. */
  readonly tokenId?: string
}

export type WhyRefused =
  /** No URL token at all: mistyped, cut off or invented. */
  | 'url_malformed'
  /** Nobody has issued it, or it was replaced by a newer one. */
  | 'url_unknown'
  | 'url_revoked'
  | 'url_expired'
  /** None of its accounts can be served any more. */
  | 'url_without_account'
  | 'factor_missing'
  /** No API token at all. */
  | 'factor_malformed'
  /** Nobody has issued it, or it was replaced by a newer one. */
  | 'factor_unknown'
  | 'factor_revoked'
  | 'factor_without_scope'
  /** In the query, where only a tenant's token with no scope but `runtime` works. */
  | 'factor_not_for_query'
  | 'factor_of_other_tenant'
  | 'too_many_guesses'

export type FindAccess = (urlToken: string, factor: SecondFactor) => Promise<Found>

const URL_HASH_SHOWN = 12

const refused = (why: WhyRefused, facts: Omit<Refused, 'ok' | 'why'> = {}): Refused => ({ ok: false, why, ...facts })

/** A finder with a limit of its own on looking for what it never finds. */
export function accessFinder(deps: AccessDeps): FindAccess {
  const { store, catalog, classified, now } = deps
  const limit = lookupLimit(now)
  const accountIds = new Map<string, readonly string[]>()
  const allOf = (ids: readonly string[]) => Promise.all(ids.map((id) => store.accounts.find(id)))

  /** Nothing for an account that is gone, or that this installation cannot serve any more. */
  function bindingOf(
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
    if (!isUrlToken(urlToken)) return refused('url_malformed')
    const hash = hashToken(urlToken)
    const url = hash.slice(0, URL_HASH_SHOWN)
    if (!limit.admit(hash)) return refused('too_many_guesses')
    // A URL never changes its accounts, so all is asked for at once from the second time on.
    const expected = accountIds.get(hash)
    const [server, bearer, early] = await Promise.all([
      store.servers.findByHash(hash, now()),
      findBearer(store, limit, factor, now()),
      expected === undefined ? undefined : allOf(expected),
    ])
    if (!server) return refused('url_unknown', { url })
    const about = { url, serverId: server.id }
    if (!isOpen(server, now())) return refused(server.revokedAt === undefined ? 'url_expired' : 'url_revoked', about)
    limit.found(hash)
    if ('why' in bearer && bearer.why === 'too_many_guesses') return refused('too_many_guesses', about)
    const isNeeded = server.config.require_api_token_auth
    if (isNeeded && 'why' in bearer) return refused(bearer.why, { ...about, ...tokenIdOf(bearer) })
    if (isNeeded && 'id' in bearer && !covers(bearer, server.tenant))
      return refused('factor_of_other_tenant', { ...about, tokenId: bearer.id })
    const plans = levelsOf(server)
    const ids = [...new Set(plans.flatMap((plan) => plan.accountIds))]
    const accounts = early && expected?.join() === ids.join() ? early : await allOf(ids)
    const byId = new Map(ids.map((id, at) => [id, accounts[at]]))
    const levelOf = (plan: LevelPlan): Level => {
      const bindings = plan.accountIds.flatMap((id) => bindingOf(server.tenant, plan, byId.get(id)))
      return { configs: plan.configs, bindings }
    }
    const [plan, ...plansAbove] = plans
    const own = levelOf(plan)
    const { bindings } = own
    const [first] = bindings
    if (!first) return refused('url_without_account', about)
    remember(accountIds, hash, ids)
    const offer = offerTools(server.id, [own, ...plansAbove.map(levelOf)])
    const actor = isNeeded && 'id' in bearer ? { actor: bearer.id } : {}
    const access = { server, account: first.account, bindings, ...offer, policy: policies[server.config.pii], ...actor }
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
  if (text === undefined || !isApiToken(text)) return undefined
  const token = await store.apiTokens.findByHash(hashToken(text), now)
  return token?.revokedAt === undefined ? token : undefined
}

interface NoBearer {
  readonly why: WhyRefused
  readonly token?: ApiToken
}

async function findBearer(
  store: Store,
  limit: LookupLimit,
  factor: SecondFactor,
  now: number,
): Promise<ApiToken | NoBearer> {
  const text = secretOf(factor)
  if (text === undefined) return { why: factor.authorization ? 'factor_malformed' : 'factor_missing' }
  if (!isApiToken(text)) return { why: 'factor_malformed' }
  const hash = hashToken(text)
  if (!limit.admit(hash)) return { why: 'too_many_guesses' }
  const token = await store.apiTokens.findByHash(hash, now)
  if (!token) return { why: 'factor_unknown' }
  if (token.revokedAt !== undefined) return { why: 'factor_revoked', token }
  if (!token.scopes.includes('runtime')) return { why: 'factor_without_scope', token }
  limit.found(hash)
  // An address is kept in more places than a header, so what stands in one may open nothing else.
  const isRuntimeOnly = token.tenant !== undefined && token.scopes.length === 1
  return factor.authorization === undefined && !isRuntimeOnly ? { why: 'factor_not_for_query', token } : token
}

/** The text that is looked up as an API token. */
export function secretOf({ authorization, key }: SecondFactor): string | undefined {
  return authorization === undefined ? key : bearerOf(authorization)
}

function tokenIdOf({ token }: NoBearer): { readonly tokenId?: string } {
  return token ? { tokenId: token.id } : {}
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
