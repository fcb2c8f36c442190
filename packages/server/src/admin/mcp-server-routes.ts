/**
 * @module
 * `/integrated-account/:id/mcp` and `/mcp-server`: MCP server URLs are issued, listed, changed, rotated and revoked.
 */
import { type CreateMcpServer, createMcpServer, createSharedMcpServer, plainName } from '@quartermaster/protocol'
import { Hono } from 'hono'
import { z } from 'zod'
import { accountOf, authenticate } from '../access/authenticate.ts'
import type { AuditEvent } from '../audit/event.ts'
import type { IntegratedAccount } from '../entities/account.ts'
import { type ApiToken, covers } from '../entities/api-token.ts'
import { accountIdsOf, type McpServer } from '../entities/mcp-server.ts'
import { rotation, shownOldUntil } from '../entities/rotation.ts'
import { Problem } from '../http/problem.ts'
import { readJson } from '../http/read-json.ts'
import { urlOffer } from '../tools/url-offer.ts'
import type { AdminDeps } from './admin-deps.ts'
import { issueMcpServer } from './issue-mcp-server.ts'
import { rotateMcpServer } from './rotate-mcp-server.ts'

/** What may be changed of a URL that is in use. Its tools and its policy are fixed: issue another URL for others. */
const serverChange = z.strictObject({
  name: plainName.optional(),
  expires_at: z.iso.datetime({ offset: true }).optional(),
})
type ServerChange = z.output<typeof serverChange>

const ENDED = 'This URL is revoked or has expired. Issue a new one.'

const iso = (at: number) => new Date(at).toISOString()

/** `POST` and `GET /integrated-account/:id/mcp`: the guide's call. */
export function accountServerRoutes(deps: AdminDeps): Hono {
  const { store } = deps
  const routes = new Hono()

  routes.post('/:id/mcp', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const account = await accountOf(store, token, c.req.param('id'))
    const input = await readJson(c.req.raw, createMcpServer)
    return c.json(await issue(deps, token, [account], input), 201)
  })

  routes.get('/:id/mcp', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const account = await accountOf(store, token, c.req.param('id'))
    return c.json({ result: (await store.servers.listByAccount(account.id)).map((one) => toJson(one, deps.now())) })
  })

  return routes
}

/** `POST /mcp-server`, for one URL over several accounts of a tenant, and `/mcp-server/:id`. */
export function serverRoutes(deps: AdminDeps): Hono {
  const { store } = deps
  const routes = new Hono()

  routes.post('/', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const { account_ids: ids, ...input } = await readJson(c.req.raw, createSharedMcpServer)
    const [first, ...rest] = await Promise.all([...new Set(ids)].map((id) => accountOf(store, token, id)))
    if (!first) throw new Problem(400, 'Name at least one account.')
    const foreign = rest.find(({ tenant }) => tenant !== first.tenant)
    if (foreign) throw new Problem(400, 'A URL can be over the accounts of one tenant only.')
    return c.json(await issue(deps, token, [first, ...rest], input), 201)
  })

  routes.get('/:id', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    return c.json(toJson(await serverOf(deps, token, c.req.param('id')), deps.now()))
  })

  routes.patch('/:id', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const server = await serverOf(deps, token, c.req.param('id'))
    const body = await readJson(c.req.raw, serverChange)
    await deps.events.around(eventOf('url.changed', token, server), () => changeServer(deps, server, body))
    return c.json(toJson(await serverOf(deps, token, server.id), deps.now()))
  })

  routes.post('/:id/rotate', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const server = await serverOf(deps, token, c.req.param('id'))
    const { overlap_s } = await readJson(c.req.raw, rotation)
    const at = { now: deps.now(), publicUrl: deps.publicUrl() }
    const issued = await deps.events.around(eventOf('url.rotated', token, server), async () => {
      const rotated = await rotateMcpServer(store.servers, server, overlap_s, at)
      if (!rotated) throw new Problem(409, ENDED)
      return rotated
    })
    return c.json(issued)
  })

  routes.delete('/:id', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const server = await serverOf(deps, token, c.req.param('id'))
    await deps.events.around(eventOf('url.revoked', token, server), () => store.servers.revoke(server.id, deps.now()))
    return c.body(null, 204)
  })

  return routes
}

async function issue(
  deps: AdminDeps,
  by: ApiToken,
  accounts: readonly [IntegratedAccount, ...IntegratedAccount[]],
  input: CreateMcpServer,
) {
  const places = accounts.map((account) => {
    if (account.status === 'disconnected') throw new Problem(409, `Cannot issue a URL: ${account.id} is disconnected.`)
    const connector = deps.catalog.get(account.system)
    if (connector) return { account, connector: deps.classified(account.tenant, connector) }
    throw new Problem(409, `Cannot issue a URL: this installation no longer knows the system of ${account.id}.`)
  })
  const offer = urlOffer(places, input.config)
  if (!offer.ok) throw new Problem(400, offer.because)
  const [account] = accounts
  const issued = await deps.events.around(
    { event: 'url.issued', tenant: account.tenant, actor: by.id, accountId: account.id },
    () => issueMcpServer(deps.store.servers, accounts, input, { now: deps.now(), publicUrl: deps.publicUrl() }),
    ({ id }) => ({ serverId: id }),
  )
  return { ...issued, tools: offer.tools.map((tool) => tool.name), left_out: offer.leftOut }
}

async function serverOf(deps: AdminDeps, token: ApiToken, id: string): Promise<McpServer> {
  const server = /^mcp_[0-9A-Za-z]{16}$/.test(id) ? await deps.store.servers.find(id) : undefined
  if (!server || !covers(token, server.tenant)) throw new Problem(404, 'There is no such MCP server.')
  return server
}

/** @throws Problem 400 when the URL would work for longer, 409 when it does not work any more. */
async function changeServer({ store, now }: AdminDeps, server: McpServer, to: ServerChange): Promise<void> {
  const { name, expires_at } = to
  const expiresAt = expires_at === undefined ? undefined : Date.parse(expires_at)
  if (expiresAt !== undefined && expiresAt > server.expiresAt) {
    throw new Problem(400, `A URL can only be made to end earlier. This one ends at ${iso(server.expiresAt)}.`)
  }
  const change = { ...(name === undefined ? {} : { name }), ...(expiresAt === undefined ? {} : { expiresAt }) }
  if (Object.keys(change).length === 0) throw new Problem(400, 'Send a name, an earlier expires_at, or both.')
  if (!(await store.servers.change(server.id, change, now()))) throw new Problem(409, ENDED)
}

function eventOf(event: 'url.changed' | 'url.rotated' | 'url.revoked', by: ApiToken, server: McpServer): AuditEvent {
  return { event, tenant: server.tenant, actor: by.id, accountId: server.accountId, serverId: server.id }
}

function toJson(server: McpServer, now: number) {
  return {
    id: server.id,
    account_id: server.accountId,
    account_ids: accountIdsOf(server),
    parent_id: server.parentId ?? null,
    name: server.name,
    config: server.config,
    created_at: iso(server.createdAt),
    expires_at: iso(server.expiresAt),
    revoked_at: server.revokedAt === undefined ? null : iso(server.revokedAt),
    old_url_until: shownOldUntil(server.oldUntil, now),
  }
}
