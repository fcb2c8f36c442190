/**
 * @module
 * MCP server URLs: made and listed under their account, shown and revoked by their own id.
 */
import { createMcpServer } from '@quartermaster/protocol'
import { Hono } from 'hono'
import { Problem } from '../http/problem.ts'
import { readJson } from '../http/read-json.ts'
import { type ApiToken, covers } from '../tenants/api-token.ts'
import { issueMcpServer } from '../tenants/issue-mcp-server.ts'
import type { McpServer } from '../tenants/mcp-server.ts'
import { deriveTools } from '../tools/derive-tools.ts'
import type { AdminParts } from './admin-parts.ts'
import { accountOf, authenticate } from './authenticate.ts'

/** `POST` and `GET /integrated-account/:id/mcp`: the guide's call. */
export function accountServerRoutes(parts: AdminParts): Hono {
  const { store, catalog } = parts
  const routes = new Hono()

  routes.post('/:id/mcp', async (c) => {
    const token = await authenticate(store, c.req.raw, 'admin')
    const account = await accountOf(store, token, c.req.param('id'))
    const input = await readJson(c.req.raw, createMcpServer)
    if (account.status === 'disconnected') throw new Problem(409, `Cannot issue a URL: ${account.id} is disconnected.`)
    const connector = catalog.get(account.system)
    if (!connector)
      throw new Problem(409, `Cannot issue a URL: this installation no longer knows the account's system.`)
    const tools = deriveTools(connector, input.config, account.scopes)
    if (tools.length === 0) {
      throw new Problem(
        400,
        'This configuration admits no tool. Check methods, tags, only, without and the granted scopes.',
      )
    }
    const issued = await parts.events.around(
      { event: 'url.issued', tenant: account.tenant, actor: token.id, accountId: account.id },
      () => issueMcpServer(store.servers, account, input, { now: parts.now(), publicUrl: parts.publicUrl() }),
      ({ id }) => ({ serverId: id }),
    )
    return c.json({ ...issued, tools: tools.map((tool) => tool.name) }, 201)
  })

  routes.get('/:id/mcp', async (c) => {
    const token = await authenticate(store, c.req.raw, 'admin')
    const account = await accountOf(store, token, c.req.param('id'))
    return c.json({ result: (await store.servers.listByAccount(account.id)).map(shown) })
  })

  return routes
}

/** `/mcp-server/:id`. */
export function serverRoutes(parts: AdminParts): Hono {
  const routes = new Hono()

  routes.get('/:id', async (c) => {
    const token = await authenticate(parts.store, c.req.raw, 'admin')
    return c.json(shown(await serverOf(parts, token, c.req.param('id'))))
  })

  routes.delete('/:id', async (c) => {
    const token = await authenticate(parts.store, c.req.raw, 'admin')
    const server = await serverOf(parts, token, c.req.param('id'))
    const { tenant, accountId, id: serverId } = server
    await parts.events.around({ event: 'url.revoked', tenant, actor: token.id, accountId, serverId }, () =>
      parts.store.servers.revoke(serverId, parts.now()),
    )
    return c.body(null, 204)
  })

  return routes
}

async function serverOf(parts: AdminParts, token: ApiToken, id: string): Promise<McpServer> {
  const server = /^mcp_[0-9A-Za-z]{16}$/.test(id) ? await parts.store.servers.find(id) : undefined
  if (!server || !covers(token, server.tenant)) throw new Problem(404, 'There is no such MCP server.')
  return server
}

function shown(server: McpServer) {
  return {
    id: server.id,
    account_id: server.accountId,
    name: server.name,
    config: server.config,
    created_at: new Date(server.createdAt).toISOString(),
    expires_at: new Date(server.expiresAt).toISOString(),
    revoked_at: server.revokedAt === undefined ? null : new Date(server.revokedAt).toISOString(),
  }
}
