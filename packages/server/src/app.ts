/**
 * @module
 * The HTTP surface in one list: who may come in at all, which path leads where, and what every answer carries.
 */
import { ConnectorInvalid } from '@quartermaster/connectors'
import { FailureError } from '@quartermaster/protocol'
import { Hono } from 'hono'
import { authenticate } from './access/authenticate.ts'
import { accessFinder } from './access/find-access.ts'
import type { Refused } from './access/refusal.ts'
import { refusedLog } from './access/refused-log.ts'
import type { AdminDeps } from './admin/admin-deps.ts'
import { adminRoutes } from './admin/admin-routes.ts'
import { Unrecorded } from './audit/event.ts'
import { connectRoutes } from './connect/connect-routes.ts'
import { errorDetails } from './http/error-facts.ts'
import { Problem, problemResponse } from './http/problem.ts'
import { redactPath } from './http/redact-path.ts'
import { refuseTokenInQuery } from './http/refuse-token-in-query.ts'
import { newRequestId } from './keys/tokens.ts'
import { type McpRouteDeps, mcpRoutes } from './mcp/mcp-routes.ts'
import { deriveServer } from './pipeline/derive-server.ts'
import type { InboundGate } from './pipeline/inbound-limit.ts'
import { UnstorableText } from './store/storable-text.ts'
import { StoreUnavailable } from './store/unavailable.ts'

export interface AppDeps extends AdminDeps {
  readonly mcp: Omit<McpRouteDeps, 'findAccess' | 'onRefused' | 'deriveServer'>
  /** Of all that comes through URLs. */
  readonly inbound: InboundGate
  /** A refusal for a foreign Host or Origin, or undefined. */
  readonly refuseOrigin: (request: Request) => Response | undefined
  /** In the text format of Prometheus. */
  readonly metrics: () => string
  /** Rejects when the store cannot answer. */
  readonly ready: () => Promise<void>
}

/** The answer carries capabilities and customers' data: it is not stored, not framed, and leads no referrer anywhere. */
const headers = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const

/** Every path there is. */
export function httpRoutes(deps: AppDeps): Hono {
  const app = new Hono()

  app.use(async (c, next) => {
    refuseTokenInQuery(new URL(c.req.url))
    await next()
  })
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    await deps.ready()
    return c.json({ status: 'ready' })
  })
  app.get('/metrics', async (c) => {
    const { tenant } = await authenticate(deps, c.req.raw, 'admin')
    if (tenant !== undefined) throw new Problem(403, 'These figures are of all tenants: only an operator may see them.')
    return c.text(deps.metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
  })
  const sayRefused = refusedLog(deps.now, ({ serverId: server_id, tokenId: token_id, ...facts }) =>
    deps.log.warn({ ...facts, ...(server_id ? { server_id } : {}), ...(token_id ? { token_id } : {}) }, 'url_refused'),
  )
  const onRefused = (refused: Refused) => {
    sayRefused(refused)
    return deps.events.counted({ event: 'url.refused', tenant: undefined, actor: '' })
  }
  app.route(
    '/mcp',
    mcpRoutes({ ...deps.mcp, findAccess: accessFinder(deps), onRefused, deriveServer: deriveServer(deps) }),
  )
  app.route('/', connectRoutes(deps))
  app.route('/', adminRoutes(deps))
  return app
}

export function httpApp(deps: AppDeps): (request: Request) => Promise<Response> {
  const app = httpRoutes(deps)
  app.notFound(() => {
    throw new Problem(404, 'There is nothing at this path.')
  })
  app.onError((error, c) => {
    const requestId = newRequestId()
    const problem = asProblem(error)
    if (problem.status === 500 || error instanceof StoreUnavailable || error instanceof ConnectorInvalid) {
      deps.log.error({ request_id: requestId, path: redactPath(c.req.url), err: errorDetails(error) }, 'request_failed')
    }
    return problemResponse(problem, requestId)
  })

  return async (request) => {
    const startedAt = deps.now()
    const response = deps.refuseOrigin(request) ?? (await app.fetch(request))
    for (const [name, value] of Object.entries(headers)) {
      // A page says itself what it may load and where its forms lead.
      if (name !== 'content-security-policy' || !response.headers.has(name)) response.headers.set(name, value)
    }
    deps.log.debug(
      { method: request.method, path: redactPath(request.url), status: response.status, ms: deps.now() - startedAt },
      'http_request',
    )
    return response
  }
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof StoreUnavailable) {
    const detail = "The server's own store does not answer. Nothing was done. Repeat the request in a few seconds."
    return new Problem(503, detail, { 'retry-after': '5' })
  }
  if (error instanceof ConnectorInvalid) {
    const detail = `The connector of ${error.connector} does not load on this server. Other systems work. Give the request id to the operator.`
    return new Problem(503, detail)
  }
  if (error instanceof Unrecorded) {
    return new Problem(
      503,
      'It was done, but that could not be recorded, so its result is withheld. Look before you repeat it.',
    )
  }
  if (error instanceof UnstorableText) {
    return new Problem(400, 'A text holds a NUL character or half a surrogate pair, which cannot be stored.')
  }
  if (error instanceof FailureError) {
    const { code, message, advice } = error.failure
    return new Problem(code === 'needs_reauth' ? 409 : 503, `${message}. ${advice}`)
  }
  return new Problem(500, 'Something went wrong inside the server. Give the request id to the operator.')
}
