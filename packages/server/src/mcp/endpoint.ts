/**
 * @module
 * MCP over HTTP POST for one URL: both protocol eras (2025-11-25 and older, 2026-07-28), stateless. A request is
 * answered with one JSON body; only a subscription, and a request of an older revision with a progress token, with a
 * stream. The caller has found the {@link Access} and checked Host, Origin and the second factor before.
 */
import { isLegacyRequest } from '@modelcontextprotocol/server'
import type { Access } from '../pipeline/call.ts'
import { renderFailure } from '../pipeline/render.ts'
import { buildProtocolServer } from './build-protocol-server.ts'
import { internalError } from './endpoint-log.ts'
import type { McpEndpointOptions } from './endpoint-options.ts'
import { extractArguments } from './extract-arguments.ts'
import { jsonRpcError } from './json-rpc-error.ts'
import { limitError, limitRequests } from './limit-requests.ts'
import { type BuildServer, createProtocolHandlers } from './protocol-handlers.ts'
import { readClientInfo } from './read-client-info.ts'
import { readMessage } from './read-message.ts'
import type { RequestContext } from './request-context.ts'

export interface McpEndpoint {
  /** Never rejects, and never says on the wire what was thrown. */
  handle(request: Request, access: Access): Promise<Response>
}

/**
 * Builds the endpoint. It keeps nothing between requests.
 * @param build the protocol server of a request; one that has the tools of the URL when left out
 */
export function createMcpEndpoint(
  options: McpEndpointOptions,
  build: BuildServer = (context) => buildProtocolServer(options, context),
): McpEndpoint {
  const handlers = createProtocolHandlers(build)
  const answer = async (request: Request, access: Access, requestId: string): Promise<Response> => {
    const message = await readMessage(request)
    if (!message.ok) return message.response
    const { body, args } = extractArguments(message.body)
    const refusal = limitRequests(options.limits, body, access)
    if (refusal) {
      const { code, message, data } = limitError(refusal)
      const { headers } = renderFailure(requestId, refusal.failure, refusal.quotas)
      return jsonRpcError(200, code, message, { headers, id: (body as { readonly id?: unknown }).id, data })
    }
    const client = readClientInfo(body)
    if (client) options.log?.({ event: 'mcp_hello', serverId: access.server.id, ...client })
    const context: RequestContext = {
      access,
      requestId,
      args,
      requestHeaders: request.headers,
      responseHeaders: new Headers(),
      signal: request.signal,
    }
    const handler = (await isLegacyRequest(request, body)) ? handlers.legacy : handlers.modern
    const response = await handler(request, body, context)
    for (const [name, value] of context.responseHeaders) response.headers.set(name, value)
    return response
  }
  const handle = async (request: Request, access: Access): Promise<Response> => {
    if (request.method !== 'POST')
      return jsonRpcError(405, -32_000, 'Cannot answer: use POST', { headers: { Allow: 'POST' } })
    const requestId = options.requestId()
    try {
      return await answer(request, access, requestId)
    } catch (error) {
      options.log?.(internalError(requestId, error))
      return jsonRpcError(500, -32_603, `Internal error (${requestId})`)
    }
  }
  return { handle }
}
