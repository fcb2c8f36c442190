/**
 * @module
 * `/integrated-account`: grants are brought in, listed, refreshed and removed.
 */
import { Hono } from 'hono'
import { z } from 'zod'
import { Problem } from '../http/problem.ts'
import { readJson } from '../http/read-json.ts'
import { tokenText } from '../oauth/client.ts'
import type { IntegratedAccount } from '../tenants/account.ts'
import { ConnectRefused, connectAccount, tenantName } from '../tenants/connect-account.ts'
import type { AdminParts } from './admin-parts.ts'
import { accountOf, authenticate, tenantFor } from './authenticate.ts'

/** A token response of the system, as it came, plus who it is for. */
const newAccount = z.strictObject({
  tenant: tenantName.optional(),
  system: z.string().min(1).max(64),
  label: z.string().trim().min(1).max(120).optional(),
  grant: z.looseObject({
    access_token: tokenText,
    refresh_token: tokenText.optional(),
    expires_in: z.number().positive().max(31_536_000).optional(),
    scopes: z.array(z.string().max(256)).max(256).optional(),
    scope: z.string().max(8_192).optional(),
  }),
})

export function accountRoutes(parts: AdminParts): Hono {
  const { store, catalog, tokens } = parts
  const routes = new Hono()

  routes.get('/', async (c) => {
    const token = await authenticate(store, c.req.raw, 'admin')
    const named = c.req.query('tenant')
    const tenant = named === undefined ? token.tenant : tenantFor(token, named)
    return c.json({ result: (await store.accounts.list(tenant)).map(shown) })
  })

  routes.post('/', async (c) => {
    const token = await authenticate(store, c.req.raw, 'admin')
    const { system, label, grant, tenant: named } = await readJson(c.req.raw, newAccount)
    const tenant = tenantFor(token, named)
    const connector = catalog.get(system)
    if (!connector) throw new Problem(400, `There is no such system. Known are: ${[...catalog.keys()].join(', ')}.`)
    const kept = connector.auth.keep.flatMap((member) => {
      const value = grant[member]
      return typeof value === 'string' ? [[member, value]] : []
    })
    try {
      const account = await connectAccount(
        { ...parts, store: store.accounts },
        {
          tenant,
          connector,
          label: label ?? connector.label,
          answer: {
            accessToken: grant.access_token,
            refreshToken: grant.refresh_token,
            expiresInS: grant.expires_in ?? connector.auth.defaultExpiresInS,
            scopes: grant.scopes ?? grant.scope?.split(' ').filter((scope) => scope !== ''),
            kept: Object.fromEntries(kept),
          },
        },
      )
      return c.json(shown(account), 201)
    } catch (error) {
      if (error instanceof ConnectRefused) throw new Problem(400, error.message)
      throw error
    }
  })

  routes.get('/:id', async (c) => {
    const token = await authenticate(store, c.req.raw, 'admin')
    return c.json(shown(await accountOf(store, token, c.req.param('id'))))
  })

  routes.post('/:id/refresh', async (c) => {
    const token = await authenticate(store, c.req.raw, 'admin')
    const account = await accountOf(store, token, c.req.param('id'))
    const state = await store.accounts.state(account.id)
    // Naming the current version as rejected makes the vault fetch a newer one.
    await tokens.token(account, state?.ver)
    return c.json(shown(await accountOf(store, token, account.id)))
  })

  routes.delete('/:id', async (c) => {
    const token = await authenticate(store, c.req.raw, 'admin')
    const account = await accountOf(store, token, c.req.param('id'))
    await store.accounts.disconnect(account.id)
    await store.servers.revokeByAccount(account.id, parts.now())
    tokens.forget(account.id)
    return c.body(null, 204)
  })

  return routes
}

function shown(account: IntegratedAccount) {
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
