/**
 * @module
 * `POST /tenant/:tenant/revoke`: revokes all URLs, API tokens or both of a tenant at once, in every process.
 */
import { Hono } from 'hono'
import { z } from 'zod'
import { authenticate, tenantFor } from '../access/authenticate.ts'
import { tenantName } from '../accounts/connect-account.ts'
import { Problem } from '../http/problem.ts'
import { readJson } from '../http/read-json.ts'
import type { Revoked } from '../store/tenant-revocation.ts'
import type { AdminDeps } from './admin-deps.ts'

const order = z.strictObject({
  /** `tokens` are API tokens; a tenant's own administrator loses theirs, too. */
  what: z.enum(['urls', 'tokens', 'all']),
  /** Removes the accounts as well: their grants are taken back at their systems. Never implied. */
  disconnect_accounts: z.boolean().default(false),
})

export function bulkRevokeRoutes(deps: AdminDeps): Hono {
  const { store, now } = deps
  const routes = new Hono()

  routes.post('/:tenant/revoke', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const named = tenantName.safeParse(c.req.param('tenant'))
    if (!named.success) throw new Problem(400, 'This is not the name of a tenant.')
    const tenant = tenantFor(token, named.data)
    const body = await readJson(c.req.raw, order)
    const event = { event: 'tenant.revoked', tenant, actor: token.id, subject: body.what } as const
    return c.json(toJson(tenant, await deps.events.around(event, () => revokeAll(tenant, body))))
  })

  /** One transaction, so that counts and effect are the same thing. */
  function revokeAll(
    tenant: string,
    { what, disconnect_accounts: accounts }: z.output<typeof order>,
  ): Promise<Revoked> {
    return store.revokeTenant(tenant, { urls: what !== 'tokens', apiTokens: what !== 'urls', accounts }, now())
  }

  return routes
}

function toJson(tenant: string, { urls, apiTokens, accounts, connectLinks }: Revoked) {
  return { tenant, revoked: { urls, api_tokens: apiTokens }, disconnected: { accounts, connect_links: connectLinks } }
}
