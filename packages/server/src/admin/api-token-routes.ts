/**
 * @module
 * `/api-token`: tokens are made, listed and revoked. A token can only make tokens for its own tenant.
 */
import { plainName } from '@quartermaster/protocol'
import { Hono } from 'hono'
import { z } from 'zod'
import { Problem } from '../http/problem.ts'
import { readJson } from '../http/read-json.ts'
import { type ApiToken, apiScopes, covers } from '../tenants/api-token.ts'
import { tenantName } from '../tenants/connect-account.ts'
import { issueApiToken } from '../tenants/issue-api-token.ts'
import type { AdminParts } from './admin-parts.ts'
import { authenticate, tenantFor } from './authenticate.ts'

const newToken = z.strictObject({
  tenant: tenantName.optional(),
  name: plainName,
  scopes: z.array(z.enum(apiScopes)).min(1).max(apiScopes.length),
})

export function apiTokenRoutes(parts: AdminParts): Hono {
  const { store } = parts
  const routes = new Hono()

  routes.get('/', async (c) => {
    const token = await authenticate(store, c.req.raw, 'admin')
    return c.json({ result: (await store.apiTokens.list(token.tenant)).map(shown) })
  })

  routes.post('/', async (c) => {
    const token = await authenticate(store, c.req.raw, 'admin')
    const { tenant, name, scopes } = await readJson(c.req.raw, newToken)
    const input = { tenant: tenantFor(token, tenant), name, scopes }
    const made = await parts.events.around(
      { event: 'token.issued', tenant: input.tenant, actor: token.id },
      () => issueApiToken(store.apiTokens, input, parts.now()),
      ({ id }) => ({ subject: id }),
    )
    return c.json({ ...shown(made), token: made.secret }, 201)
  })

  routes.delete('/:id', async (c) => {
    const token = await authenticate(store, c.req.raw, 'admin')
    const found = await store.apiTokens.find(c.req.param('id'))
    // A tenant's token does not see an operator's.
    if (!found || (found.tenant === undefined ? token.tenant !== undefined : !covers(token, found.tenant))) {
      throw new Problem(404, 'There is no such API token.')
    }
    const event = { event: 'token.revoked', tenant: found.tenant, actor: token.id, subject: found.id } as const
    await parts.events.around(event, () => store.apiTokens.revoke(found.id, parts.now()))
    return c.body(null, 204)
  })

  return routes
}

function shown(token: ApiToken) {
  return {
    id: token.id,
    tenant: token.tenant ?? null,
    name: token.name,
    scopes: token.scopes,
    created_at: new Date(token.createdAt).toISOString(),
    revoked_at: token.revokedAt === undefined ? null : new Date(token.revokedAt).toISOString(),
  }
}
