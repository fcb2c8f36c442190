/**
 * @module
 * `/approval/:handle`: somebody with the scope `approve` says whether a write that waits may be made. What would change
 * is in the failure that carried the handle; it is not kept here.
 */
import { Hono } from 'hono'
import { z } from 'zod'
import { Problem } from '../http/problem.ts'
import { readJson } from '../http/read-json.ts'
import type { Approval } from '../store/approvals.ts'
import { covers } from '../tenants/api-token.ts'
import { hashToken, isApprovalHandle } from '../tenants/tokens.ts'
import type { AdminParts } from './admin-parts.ts'
import { authenticate } from './authenticate.ts'

const decision = z.strictObject({ decision: z.enum(['approved', 'refused']) })

export function approvalRoutes(parts: AdminParts): Hono {
  const { store, now } = parts
  const routes = new Hono()

  routes.get('/:handle', async (c) => {
    const token = await authenticate(parts, c.req.raw, 'approve')
    return c.json(shown(await waiting(c.req.param('handle'), (tenant) => covers(token, tenant))))
  })

  routes.post('/:handle', async (c) => {
    const token = await authenticate(parts, c.req.raw, 'approve')
    const approval = await waiting(c.req.param('handle'), (tenant) => covers(token, tenant))
    const { decision: wanted } = await readJson(c.req.raw, decision)
    const { id, tenant, serverId } = approval
    const event = { event: 'approval.decided', tenant, actor: token.id, serverId, subject: wanted } as const
    await parts.events.around(event, async () => {
      if (await store.approvals.decide(id, wanted, token.id, now())) return
      throw new Problem(409, 'This approval has been decided or used already.')
    })
    return c.json({ ...shown(approval), decision: wanted })
  })

  async function waiting(handle: string, mine: (tenant: string) => boolean): Promise<Approval> {
    const found = isApprovalHandle(handle) ? await store.approvals.find(hashToken(handle)) : undefined
    if (!found || !mine(found.tenant) || found.expiresAt <= now()) throw new Problem(404, 'There is no such approval.')
    return found
  }

  return routes
}

function shown(approval: Approval) {
  return {
    tenant: approval.tenant,
    mcp_server_id: approval.serverId,
    tool: approval.tool,
    decision: approval.decision ?? null,
    used: approval.usedAt !== undefined,
    created_at: new Date(approval.createdAt).toISOString(),
    expires_at: new Date(approval.expiresAt).toISOString(),
  }
}
