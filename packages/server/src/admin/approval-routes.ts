/**
 * @module
 * `/approval/:handle`: a token with the scope `approve` reads what a waiting write would change, and approves or
 * refuses it.
 */
import { Hono } from 'hono'
import { z } from 'zod'
import { authenticate } from '../access/authenticate.ts'
import { covers } from '../entities/api-token.ts'
import { Problem } from '../http/problem.ts'
import { readJson } from '../http/read-json.ts'
import { hashToken, isApprovalHandle } from '../keys/tokens.ts'
import { type ApprovalDetails, openDetails } from '../pipeline/approval-details.ts'
import type { Approval } from '../store/approvals.ts'
import type { AdminDeps } from './admin-deps.ts'

const decision = z.strictObject({ decision: z.enum(['approved', 'refused']) })

export function approvalRoutes(deps: AdminDeps): Hono {
  const { store, ring, now } = deps
  const routes = new Hono()

  routes.get('/:handle', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'approve')
    const approval = await waiting(c.req.param('handle'), (tenant) => covers(token, tenant))
    return c.json(toJson(approval, openDetails(ring, approval)))
  })

  routes.post('/:handle', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'approve')
    const approval = await waiting(c.req.param('handle'), (tenant) => covers(token, tenant))
    const { decision: wanted } = await readJson(c.req.raw, decision)
    const { id, tenant, serverId } = approval
    const event = { event: 'approval.decided', tenant, actor: token.id, serverId, subject: wanted } as const
    await deps.events.around(event, async () => {
      if (await store.approvals.decide(id, wanted, token.id, now())) return
      throw new Problem(409, 'This approval has been decided or used already.')
    })
    return c.json({ ...toJson(approval, openDetails(ring, approval)), decision: wanted })
  })

  async function waiting(handle: string, mine: (tenant: string) => boolean): Promise<Approval> {
    const found = isApprovalHandle(handle) ? await store.approvals.find(hashToken(handle)) : undefined
    if (!found || !mine(found.tenant) || found.expiresAt <= now()) throw new Problem(404, 'There is no such approval.')
    return found
  }

  return routes
}

/** `action` and `changes` are null where the caller's program asks its user, and once it is decided. */
function toJson(approval: Approval, details: ApprovalDetails | undefined) {
  return {
    tenant: approval.tenant,
    mcp_server_id: approval.serverId,
    tool: approval.tool,
    action: details?.action ?? null,
    changes: details?.changes ?? null,
    decision: approval.decision ?? null,
    used: approval.usedAt !== undefined,
    created_at: new Date(approval.createdAt).toISOString(),
    expires_at: new Date(approval.expiresAt).toISOString(),
  }
}
