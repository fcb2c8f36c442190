/**
 * @module
 * `/connect-session`: a product asks for a link by which one of its users connects an account.
 */
import { mcpServerConfig } from '@quartermaster/protocol'
import { Hono } from 'hono'
import { z } from 'zod'
import { accountOf, authenticate, tenantFor } from '../access/authenticate.ts'
import { tenantName } from '../accounts/connect-account.ts'
import { covers } from '../entities/api-token.ts'
import type { ConnectSession } from '../entities/connect-session.ts'
import { Problem } from '../http/problem.ts'
import { readJson } from '../http/read-json.ts'
import { hashToken, newConnectSessionId, newUrlToken } from '../keys/tokens.ts'
import { hiddenTools } from '../tools/hidden-tools.ts'
import { canOfferPages } from './browser-binding.ts'
import type { ConnectFlowDeps } from './connect-flow-deps.ts'
import { type ProviderContext, providerContext } from './provider-context.ts'
import { requestedScopes } from './requested-scopes.ts'
import { allowedReturnUrl } from './return-url.ts'

const newSession = z.strictObject({
  tenant: tenantName.optional(),
  system: z.string().min(1).max(64),
  /** Connects this account again instead of making a new one. */
  account: z.string().max(64).optional(),
  label: z.string().trim().min(1).max(120).optional(),
  scopes: z.array(z.string().max(256)).max(64).optional(),
  toolset: mcpServerConfig.optional(),
  return_url: z.string().max(2_000).optional(),
  expires_in_s: z.number().int().min(600).max(14_400).default(3_600),
})

export function sessionRoutes(deps: ConnectFlowDeps): Hono {
  const { store, now } = deps
  const routes = new Hono()

  routes.post('/', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const input = await readJson(c.req.raw, newSession)
    const tenant = tenantFor(token, input.tenant)
    const { connector } = requireProvider(deps, tenant, input.system)
    const requested = requestedScopes(connector, {
      ...(input.scopes === undefined ? {} : { scopes: input.scopes }),
      ...(input.toolset === undefined ? {} : { toolset: input.toolset }),
    })
    if ('unknown' in requested) {
      const known = connector.auth.scopes.optional.join(', ') || 'none'
      throw new Problem(400, `scopes holds names that are no scopes of this system. Optional scopes are: ${known}.`)
    }
    if (input.account !== undefined) {
      const account = await accountOf(store, token, input.account)
      if (account.tenant !== tenant || account.system !== connector.id) {
        throw new Problem(409, 'This account belongs to another tenant or system, so it cannot be connected here.')
      }
      if (account.status === 'disconnected') throw new Problem(409, 'This account was removed. Connect a new one.')
    }
    const session: ConnectSession = {
      id: newConnectSessionId(),
      tenant,
      system: connector.id,
      accountId: input.account,
      label: input.label,
      scopes: requested.scopes,
      returnUrl: checkedReturnUrl(deps, tenant, input.return_url),
      status: 'open',
      reason: undefined,
      cookieHash: undefined,
      sealed: undefined,
      stepUntil: 0,
      createdAt: now(),
      expiresAt: now() + input.expires_in_s * 1000,
    }
    const secret = newUrlToken()
    await deps.events.around({ event: 'connect.session_made', tenant, actor: token.id, subject: session.id }, () =>
      store.connectSessions.insert(session, hashToken(secret), now()),
    )
    const expires = new Date(session.expiresAt).toISOString()
    const url = `${deps.publicUrl()}/connect/${secret}`
    return c.json({ id: session.id, url, scopes: session.scopes, expires_at: expires }, 201)
  })

  routes.get('/:id', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const id = c.req.param('id')
    const session = /^cs_[0-9A-Za-z]{16}$/.test(id) ? await store.connectSessions.find(id) : undefined
    if (!session || !covers(token, session.tenant)) throw new Problem(404, 'There is no such connect session.')
    return c.json(await toJson(deps, session))
  })

  return routes
}

function requireProvider(deps: ConnectFlowDeps, tenant: string, system: string): ProviderContext {
  const provider = providerContext(deps, tenant, system)
  if (!canOfferPages(deps.publicUrl())) {
    throw new Problem(409, 'Connect links need https: the operator must set a public URL that starts with https://.')
  }
  if (provider) return provider
  if (!deps.catalog.has(system)) {
    throw new Problem(400, `There is no such system. Known are: ${[...deps.catalog.keys()].join(', ')}.`)
  }
  throw new Problem(409, 'The operator has configured no OAuth client for this system.')
}

function checkedReturnUrl(deps: ConnectFlowDeps, tenant: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = allowedReturnUrl(text, deps.returnOrigins(tenant))
  if (url !== undefined) return url
  throw new Problem(
    400,
    'return_url must be a plain URL on an origin that the operator has registered for this tenant.',
  )
}

async function toJson(deps: ConnectFlowDeps, session: ConnectSession) {
  const ended = session.expiresAt <= deps.now() && (session.status === 'open' || session.status === 'bound')
  const connected = session.status === 'connected' && session.accountId !== undefined
  const account = connected ? await deps.store.accounts.find(session.accountId ?? '') : undefined
  const connector = deps.catalog.get(session.system)
  return {
    id: session.id,
    tenant: session.tenant,
    system: session.system,
    status: ended ? 'expired' : session.status,
    reason: session.reason ?? null,
    account: session.accountId ?? null,
    scopes: session.scopes,
    hidden_tools: account && connector ? hiddenTools(connector, account.scopes) : [],
    expires_at: new Date(session.expiresAt).toISOString(),
  }
}
