/**
 * @module
 * `/api-token`: tokens are made, listed, rotated and revoked. A token can only make tokens for its own tenant.
 */
import { plainName } from '@quartermaster/protocol'
import { Hono } from 'hono'
import { z } from 'zod'
import { authenticate, tenantFor } from '../access/authenticate.ts'
import { tenantName } from '../accounts/connect-account.ts'
import type { AuditEvent } from '../audit/event.ts'
import { type ApiToken, apiScopes, covers } from '../entities/api-token.ts'
import { rotation, shownOldUntil } from '../entities/rotation.ts'
import { Problem } from '../http/problem.ts'
import { readJson } from '../http/read-json.ts'
import { hashToken, newApiToken } from '../keys/tokens.ts'
import type { AdminDeps } from './admin-deps.ts'
import { issueApiToken } from './issue-api-token.ts'

const newToken = z.strictObject({
  tenant: tenantName.optional(),
  name: plainName,
  scopes: z.array(z.enum(apiScopes)).min(1).max(apiScopes.length),
})

export function apiTokenRoutes(deps: AdminDeps): Hono {
  const { store } = deps
  const routes = new Hono()

  routes.get('/', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    return c.json({ result: (await store.apiTokens.list(token.tenant)).map(toJson) })
  })

  routes.post('/', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const { tenant, name, scopes } = await readJson(c.req.raw, newToken)
    const input = { tenant: tenantFor(token, tenant), name, scopes }
    const made = await deps.events.around(
      { event: 'token.issued', tenant: input.tenant, actor: token.id },
      () => issueApiToken(store.apiTokens, input, deps.now()),
      ({ id }) => ({ subject: id }),
    )
    return c.json({ ...toJson(made), token: made.secret }, 201)
  })

  routes.post('/:id/rotate', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const found = await tokenOf(token, c.req.param('id'))
    const { overlap_s } = await readJson(c.req.raw, rotation)
    if (found.tenant === undefined) {
      throw new Problem(409, "An operator's token is kept by the server that it was made for. Change it there.")
    }
    const secret = newApiToken()
    const oldUntil = deps.now() + overlap_s * 1_000
    await deps.events.around(eventOf('token.rotated', token, found), async () => {
      if (await store.apiTokens.rotate(found.id, { tokenHash: hashToken(secret), oldUntil })) return
      throw new Problem(409, 'This API token is revoked. Make a new one.')
    })
    return c.json({ ...toJson({ ...found, oldUntil }), token: secret })
  })

  routes.delete('/:id', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const found = await tokenOf(token, c.req.param('id'))
    await deps.events.around(eventOf('token.revoked', token, found), () => store.apiTokens.revoke(found.id, deps.now()))
    return c.body(null, 204)
  })

  async function tokenOf(token: ApiToken, id: string): Promise<ApiToken> {
    const found = /^tok_[0-9A-Za-z]{16}$/.test(id) ? await store.apiTokens.find(id) : undefined
    // A tenant's token does not see an operator's.
    if (!found || (found.tenant === undefined ? token.tenant !== undefined : !covers(token, found.tenant))) {
      throw new Problem(404, 'There is no such API token.')
    }
    return found
  }

  function toJson(token: ApiToken) {
    return { ...facts(token), old_token_until: shownOldUntil(token.oldUntil, deps.now()) }
  }

  return routes
}

function eventOf(event: 'token.rotated' | 'token.revoked', by: ApiToken, { tenant, id }: ApiToken): AuditEvent {
  return { event, tenant, actor: by.id, subject: id }
}

function facts(token: ApiToken) {
  return {
    id: token.id,
    tenant: token.tenant ?? null,
    name: token.name,
    scopes: token.scopes,
    created_at: new Date(token.createdAt).toISOString(),
    revoked_at: token.revokedAt === undefined ? null : new Date(token.revokedAt).toISOString(),
  }
}
