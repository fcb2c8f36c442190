/**
 * @module
 * `/integrated-account`: grants are imported, listed, refreshed and removed.
 */
import type { Connector } from '@quartermaster/connectors'
import { Hono } from 'hono'
import { accountOf, authenticate, tenantFilter, tenantFor } from '../access/authenticate.ts'
import { ConnectRefused, connectAccount } from '../accounts/connect-account.ts'
import { accountWarnings } from '../accounts/grant-limit.ts'
import type { IntegratedAccount } from '../entities/account.ts'
import { Problem } from '../http/problem.ts'
import { readJson } from '../http/read-json.ts'
import { hiddenTools } from '../tools/hidden-tools.ts'
import type { AdminDeps } from './admin-deps.ts'
import { importGrant, newAccount } from './import-grant.ts'

export function accountRoutes(deps: AdminDeps): Hono {
  const { store, catalog, tokens } = deps
  const routes = new Hono()

  routes.get('/', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const tenant = tenantFilter(token, c.req.query('tenant'))
    return c.json({ result: (await store.accounts.list(tenant)).map(toJson) })
  })

  routes.post('/', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const body = await readJson(c.req.raw, newAccount)
    const tenant = tenantFor(token, body.tenant)
    const connector = catalog.get(body.system)
    if (!connector) throw new Problem(400, `There is no such system. Known are: ${[...catalog.keys()].join(', ')}.`)
    const imported = await importGrant(deps, tenant, connector, body)
    try {
      const input = { tenant, connector, label: body.label ?? connector.label, ...imported }
      const account = await deps.events.around(
        { event: 'account.connected', tenant, actor: token.id },
        () => connectAccount({ ...deps, store: store.accounts }, input),
        ({ id }) => ({ accountId: id }),
      )
      return c.json(toJson(account), 201)
    } catch (error) {
      if (error instanceof ConnectRefused) throw new Problem(400, error.message)
      throw error
    }
  })

  routes.get('/:id', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const account = await accountOf(store, token, c.req.param('id'))
    const identity = await store.connections.identity(account.id)
    return c.json({
      ...toJson(account),
      connected_as: identity ? { org: identity.org, org_id: identity.orgId, user_id: identity.userId } : null,
      hidden_tools: hiddenOf(catalog.get(account.system), account),
      warnings: await accountWarnings(deps, account, identity),
    })
  })

  routes.post('/:id/refresh', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const account = await accountOf(store, token, c.req.param('id'))
    const state = await store.accounts.state(account.id)
    const { tenant, id: accountId } = account
    // Naming the current version as rejected makes the vault fetch a newer one.
    await deps.events.around({ event: 'account.refresh_asked', tenant, actor: token.id, accountId }, () =>
      tokens.token(account, state?.ver),
    )
    return c.json(toJson(await accountOf(store, token, account.id)))
  })

  routes.delete('/:id', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const account = await accountOf(store, token, c.req.param('id'))
    const { tenant, id: accountId } = account
    await deps.events.around({ event: 'account.removed', tenant, actor: token.id, accountId }, () =>
      removeAccount(accountId),
    )
    return c.body(null, 204)
  })

  /** Its system is told later, and its URLs are gone now. */
  async function removeAccount(id: string): Promise<void> {
    await store.accounts.disconnect(id, deps.now())
    tokens.forget(id)
  }

  return routes
}

function hiddenOf(connector: Connector | undefined, account: IntegratedAccount) {
  return connector ? hiddenTools(connector, account.scopes) : []
}

function toJson(account: IntegratedAccount) {
  return {
    id: account.id,
    tenant: account.tenant,
    system: account.system,
    label: account.label,
    status: account.status,
    reason: account.reason ?? null,
    scopes: account.scopes ?? null,
    created_at: new Date(account.createdAt).toISOString(),
  }
}
