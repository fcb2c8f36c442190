/**
 * @module
 * `/webhook-endpoint`: the URLs at which a tenant is told that an account needs a new grant, or works again.
 */
import { isIP } from 'node:net'
import { Hono } from 'hono'
import { z } from 'zod'
import { authenticate, tenantFilter, tenantFor } from '../access/authenticate.ts'
import { tenantName } from '../accounts/connect-account.ts'
import { covers } from '../entities/api-token.ts'
import { Problem } from '../http/problem.ts'
import { readJson } from '../http/read-json.ts'
import { randomBase62 } from '../keys/base62.ts'
import { newWebhookSecret, sealSecret } from '../notify/webhook-secret.ts'
import { isPublicAddress } from '../outbound/public-address.ts'
import type { WebhookEndpoint } from '../store/webhook-endpoints.ts'
import type { AdminDeps } from './admin-deps.ts'

const newEndpoint = z.strictObject({ tenant: tenantName.optional(), url: z.string().min(1).max(2_048) })
/** Every event is sent to every endpoint of its tenant, so their number is bounded. */
const MAX_PER_TENANT = 10

export function webhookRoutes(deps: AdminDeps): Hono {
  const { store, ring } = deps
  const routes = new Hono()

  routes.get('/', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const tenant = tenantFilter(token, c.req.query('tenant'))
    return c.json({ result: (await store.endpoints.list(tenant)).map(toJson) })
  })

  routes.post('/', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const { tenant: named, url } = await readJson(c.req.raw, newEndpoint)
    const tenant = tenantFor(token, named)
    if (!isAcceptable(url, deps.dangerousVendorBase !== undefined)) {
      throw new Problem(400, 'The URL must be https, without user name or fragment, and lead to a public address.')
    }
    if ((await store.endpoints.list(tenant)).length >= MAX_PER_TENANT) {
      throw new Problem(409, `A tenant can have ${MAX_PER_TENANT} webhook endpoints. Delete one first.`)
    }
    const id = `whe_${randomBase62(16)}`
    const secret = newWebhookSecret()
    const endpoint = { id, tenant, url: new URL(url).href, createdAt: deps.now(), disabledAt: undefined }
    await deps.events.around({ event: 'webhook.added', tenant, actor: token.id, subject: id }, () =>
      store.endpoints.insert(endpoint, sealSecret(ring, { tenant, id }, secret)),
    )
    return c.json({ ...toJson(endpoint), secret }, 201)
  })

  routes.delete('/:id', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const id = c.req.param('id')
    const found = /^whe_[0-9A-Za-z]{16}$/.test(id) ? await store.endpoints.find(id) : undefined
    if (!found || !covers(token, found.tenant)) throw new Problem(404, 'There is no such webhook endpoint.')
    const event = { event: 'webhook.removed', tenant: found.tenant, actor: token.id, subject: found.id } as const
    await deps.events.around(event, () => store.endpoints.remove(found.id))
    return c.body(null, 204)
  })

  return routes
}

/** The name may still lead inside later; the connection itself is checked each time something is sent. */
function isAcceptable(text: string, dangerouslyOpen: boolean): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false
  if (dangerouslyOpen) return url.protocol === 'https:' || url.protocol === 'http:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return url.protocol === 'https:' && (isIP(host) === 0 ? host.includes('.') : isPublicAddress(host))
}

function toJson(endpoint: WebhookEndpoint) {
  return {
    id: endpoint.id,
    tenant: endpoint.tenant,
    url: endpoint.url,
    created_at: new Date(endpoint.createdAt).toISOString(),
    disabled_at: endpoint.disabledAt === undefined ? null : new Date(endpoint.disabledAt).toISOString(),
  }
}
