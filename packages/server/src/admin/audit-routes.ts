/**
 * @module
 * `/audit`: events, oldest first, from a sequence number on. `/audit/head`: the signed end of each chain, to be kept
 * elsewhere.
 */
import { Hono } from 'hono'
import { authenticate, tenantFilter } from '../access/authenticate.ts'
import { shownEntry, shownHead } from '../audit/shown-entry.ts'
import type { AdminDeps } from './admin-deps.ts'

const PAGE = 200

export function auditRoutes(deps: AdminDeps): Hono {
  const routes = new Hono()
  routes.get('/', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'audit')
    const tenant = tenantFilter(token, c.req.query('tenant'))
    const after = Number(c.req.query('after') ?? 0)
    const entries = await deps.store.audit.read(tenant, Number.isSafeInteger(after) && after > 0 ? after : 0, PAGE)
    return c.json({
      result: entries.map(shownEntry),
      next_after: entries.length === PAGE ? (entries.at(-1)?.seq ?? null) : null,
    })
  })
  routes.get('/head', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'audit')
    const tenant = tenantFilter(token, c.req.query('tenant'))
    return c.json({ result: (await deps.store.audit.heads(tenant)).map(shownHead) })
  })

  return routes
}
