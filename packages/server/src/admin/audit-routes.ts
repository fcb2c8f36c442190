/**
 * @module
 * `/audit`: what happened, oldest first, from a sequence number on.
 */
import { Hono } from 'hono'
import type { AdminParts } from './admin-parts.ts'
import { authenticate, tenantFor } from './authenticate.ts'

const PAGE = 200

export function auditRoutes(parts: AdminParts): Hono {
  const routes = new Hono()
  routes.get('/', async (c) => {
    const token = await authenticate(parts, c.req.raw, 'audit')
    const named = c.req.query('tenant')
    const tenant = named === undefined ? token.tenant : tenantFor(token, named)
    const after = Number(c.req.query('after') ?? 0)
    const entries = await parts.store.audit.read(tenant, Number.isSafeInteger(after) && after > 0 ? after : 0, PAGE)
    return c.json({
      result: entries.map((entry) => ({
        seq: entry.seq,
        at: new Date(entry.at).toISOString(),
        request_id: entry.requestId,
        tenant: entry.tenant,
        account_id: entry.accountId,
        server_id: entry.serverId,
        tool: entry.tool,
        phase: entry.phase,
        outcome: entry.outcome,
        ms: entry.ms,
        records: entry.records,
      })),
      next_after: entries.length === PAGE ? (entries.at(-1)?.seq ?? null) : null,
    })
  })
  return routes
}
