/**
 * @module
 * Where agents come in: every path below `/mcp`, the transport that serves it, and the check of the URL and its
 * second factor before.
 */
import { type Context, Hono } from 'hono'
import type { FindAccess, Found } from '../access/find-access.ts'
import { type SecondFactor, secretOf } from '../access/find-api-token.ts'
import type { Refused } from '../access/refusal.ts'
import { Problem } from '../http/problem.ts'
import { hashToken } from '../keys/tokens.ts'
import type { Access } from '../pipeline/call.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import { systemTimer, type Timer } from '../time/deadline.ts'
import { storeDeadline } from '../time/store-deadline.ts'
import type { McpEndpoint } from './endpoint.ts'
import { noSession, type SseSessions, type StreamCredentials } from './sse-sessions.ts'
import type { ToolsOverHttp } from './tools-over-http.ts'

export interface McpRouteDeps {
  readonly findAccess: FindAccess
  /** Told before a caller without access is. */
  readonly onRefused: (refused: Refused) => Promise<void>
  readonly endpoint: McpEndpoint
  readonly sessions: SseSessions
  readonly tools: ToolsOverHttp
  /** Default: the machine's. */
  readonly timer?: Timer
  /** Derives a narrower URL from the one that `urlToken` opens. */
  readonly deriveServer: (request: Request, access: Access, urlToken: string) => Promise<Response>
}

type Handler = (c: Context) => Response | Promise<Response>

export function mcpRoutes(deps: McpRouteDeps): Hono {
  const { findAccess, onRefused, endpoint, sessions, tools, deriveServer, timer = systemTimer } = deps
  const routes = new Hono()

  // While others are found, the store works.
  let foundAt = Number.NEGATIVE_INFINITY
  const enter = async (c: Context): Promise<Extract<Found, { ok: true }>> => {
    const startedAt = timer.now()
    const waiting = storeDeadline(timer, { lastProgressAt: () => foundAt })
    try {
      const found = await waiting.within(lookUp(c), () => {
        throw new StoreUnavailable('Cannot look up a URL: the store has not answered in time')
      })
      foundAt = timer.now()
      return { ...found, access: { ...found.access, waitedMs: timer.now() - startedAt } }
    } finally {
      waiting.end()
    }
  }

  const lookUp = async (c: Context): Promise<Extract<Found, { ok: true }>> => {
    const found = await findAccess(c.req.param('token') ?? '', factorOf(c))
    if (found.ok) return found
    await onRefused(found)
    if (found.why === 'too_many_guesses') {
      throw new Problem(429, 'Too many unknown tokens are being tried. Repeat the request.', { 'retry-after': '1' })
    }
    throw new Problem(401, 'This URL does not work, or it needs a valid API token: Authorization: Bearer qm_…', {
      'www-authenticate': 'Bearer',
    })
  }

  const stream: Handler = async (c) => {
    const { access } = await enter(c)
    return sessions.open(credentialsOf(c, access), (sessionId) => messagesPath(c, sessionId))
  }

  const only = (path: string, handlers: { readonly [method: string]: Handler }) =>
    routes.all(path, (c) => {
      const handler = Object.hasOwn(handlers, c.req.method) ? handlers[c.req.method] : undefined
      if (handler) return handler(c)
      const allow = Object.keys(handlers).join(', ')
      throw new Problem(405, `Use ${allow}.`, { allow })
    })

  only('/:token', {
    async POST(c) {
      return endpoint.handle(c.req.raw, (await enter(c)).access)
    },
    GET(c) {
      // Clients of newer revisions ask here for a stream of another kind, which there is not.
      const isNewer = c.req.header('mcp-protocol-version') ?? c.req.header('mcp-session-id')
      if (isNewer !== undefined) throw new Problem(405, 'Use POST.', { allow: 'POST' })
      return stream(c)
    },
  })
  only('/:token/sse', { GET: stream })
  only('/:token/messages', {
    async POST(c) {
      const id = c.req.query('sessionId') ?? ''
      const credentials = sessions.credentialsOf(id)
      if (!credentials) return noSession()
      const { access } = await enter(c)
      const isOwn = credentials.access.server.id === access.server.id && credentials.access.actor === access.actor
      return isOwn ? sessions.post(id, c.req.raw, access) : noSession()
    },
  })
  only('/:token/narrow', {
    POST: async (c) => deriveServer(c.req.raw, (await enter(c)).access, c.req.param('token') ?? ''),
  })
  only('/:token/tools', { GET: async (c) => tools.list((await enter(c)).access) })
  only('/:token/tools/:name', {
    async POST(c) {
      return tools.call(c.req.raw, (await enter(c)).access, c.req.param('name') ?? '')
    },
  })
  return routes
}

function factorOf(c: Context): SecondFactor {
  return { authorization: c.req.header('authorization'), key: c.req.query('key') }
}

function credentialsOf(c: Context, access: Access): StreamCredentials {
  const secret = access.actor === undefined ? undefined : secretOf(factorOf(c))
  return {
    access,
    urlHash: hashToken(c.req.param('token') ?? ''),
    ...(secret === undefined ? {} : { factorHash: hashToken(secret) }),
  }
}

/** Relative, so that it holds behind any proxy. A client that cannot send headers needs its key here too. */
function messagesPath(c: Context, sessionId: string): string {
  const key = c.req.query('key')
  const query = new URLSearchParams({ sessionId, ...(key === undefined ? {} : { key }) })
  return `/mcp/${c.req.param('token')}/messages?${query}`
}
