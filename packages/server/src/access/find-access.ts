/**
 * @module
 * Decides who is asking: finds what a URL token and its second factor open. A refused caller never learns the reason;
 * it is for operators only.
 */
import type { Connector } from '@quartermaster/connectors'
import { type McpServerConfig, policies } from '@quartermaster/protocol'
import { LRUCache } from 'lru-cache'
import type { IntegratedAccount } from '../entities/account.ts'
import { covers } from '../entities/api-token.ts'
import { accountIdsOf, type McpServer } from '../entities/mcp-server.ts'
import { hashToken, isUrlToken } from '../keys/tokens.ts'
import type { Access } from '../pipeline/call.ts'
import type { ClassifiedConnector } from '../policy/classify-connector.ts'
import type { Store } from '../store/open.ts'
import { deriveTools } from '../tools/derive-tools.ts'
import { hasToolLimit } from '../tools/fit-tools.ts'
import { offerTools, type ToolSource } from '../tools/offer.ts'
import { findSecondFactor, type NoSecondFactor, type SecondFactor } from './find-api-token.ts'
import { lookupLimit } from './lookup-limit.ts'
import type { Refused, WhyRefused } from './refusal.ts'

export interface AccessDeps {
  readonly store: Store
  readonly catalog: ReadonlyMap<string, Connector>
  readonly classified: ClassifiedConnector
  readonly now: () => number
}

export type Found = { readonly ok: true; readonly access: Access } | Refused

export type FindAccess = (urlToken: string, factor: SecondFactor) => Promise<Found>

const URL_HASH_SHOWN = 12
const REMEMBERED = 10_000

const refused = (why: WhyRefused, facts: Omit<Refused, 'ok' | 'why'> = {}): Refused => ({ ok: false, why, ...facts })

/** A finder with a limit of its own on looking for what it never finds. */
export function accessFinder(deps: AccessDeps): FindAccess {
  const { store, catalog, classified, now } = deps
  const limit = lookupLimit(now)
  const accountIds = new LRUCache<string, readonly string[]>({ max: REMEMBERED })
  const allOf = (ids: readonly string[]) => Promise.all(ids.map((id) => store.accounts.find(id)))

  /** Nothing for an account that is gone, or that this installation cannot serve any more. */
  function bindingOf(
    tenant: string,
    { configs, accountIds: { length } }: ToolSourcePlan,
    account: IntegratedAccount | undefined,
  ) {
    const plain = account && catalog.get(account.system)
    if (!account || !plain || account.tenant !== tenant) return []
    if (account.status === 'disconnected' && length > 1) return []
    const connector = classified(tenant, plain)
    const [config, ...ancestorConfigs] = configs
    return [{ account, connector, tools: deriveTools(connector, config, account.scopes, ancestorConfigs) }]
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
      findSecondFactor(store, limit, factor, now()),
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
    const plans = toolSourcesOf(server)
    const ids = [...new Set(plans.flatMap((plan) => plan.accountIds))]
    const accounts = early && expected?.join() === ids.join() ? early : await allOf(ids)
    const byId = new Map(ids.map((id, at) => [id, accounts[at]]))
    const sourceOf = (plan: ToolSourcePlan): ToolSource => {
      const bindings = plan.accountIds.flatMap((id) => bindingOf(server.tenant, plan, byId.get(id)))
      return { configs: plan.configs, bindings }
    }
    const [plan, ...ancestorPlans] = plans
    const own = sourceOf(plan)
    const { bindings } = own
    const [first] = bindings
    if (!first) return refused('url_without_account', about)
    accountIds.set(hash, ids)
    const offer = offerTools(server.id, [own, ...ancestorPlans.map(sourceOf)])
    const actor = isNeeded && 'id' in bearer ? { actor: bearer.id } : {}
    const access = { server, account: first.account, bindings, ...offer, policy: policies[server.config.pii], ...actor }
    return { ok: true, access }
  }
}

interface ToolSourcePlan {
  /** Its configuration and those of its ancestors, nearest first. */
  readonly configs: readonly [McpServerConfig, ...McpServerConfig[]]
  readonly accountIds: readonly string[]
}

/** Nearest first. What a limit of an ancestor leaves out depends on the accounts there, so filters alone do not tell it. */
function toolSourcesOf(server: McpServer): readonly [ToolSourcePlan, ...ToolSourcePlan[]] {
  const { config, ancestorConfigs = [], ancestorAccountIds = [] } = server
  const own: ToolSourcePlan = { configs: [config, ...ancestorConfigs], accountIds: accountIdsOf(server) }
  if (!ancestorConfigs.some(hasToolLimit)) return [own]
  const ancestors = ancestorConfigs.map((one, at): ToolSourcePlan => {
    return { configs: [one, ...ancestorConfigs.slice(at + 1)], accountIds: ancestorAccountIds[at] ?? [] }
  })
  return [own, ...ancestors]
}

function tokenIdOf({ token }: NoSecondFactor): { readonly tokenId?: string } {
  return token ? { tokenId: token.id } : {}
}

function isOpen(server: McpServer, now: number): boolean {
  return server.revokedAt === undefined && server.expiresAt > now
}
