/**
 * @module
 * One `tools/call`, from the request to its result. Every failure is a result that says what is wrong, because
 * clients retry, rephrase or hide protocol errors.
 */
import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server'
import { WANT_META } from '@quartermaster/protocol'
import type { Call } from '../pipeline/call.ts'
import { readWriteOptions } from '../pipeline/write-options.ts'
import type { McpEndpointOptions } from './endpoint-options.ts'
import { renderCall } from './render-call.ts'
import type { RequestContext } from './request-context.ts'

/** Calls the tool. Never rejects; the quota headers of the call are left on the request. */
export async function callTool(
  options: Pick<McpEndpointOptions, 'invoke' | 'log'>,
  request: RequestContext,
  toolName: string,
  context: Pick<ServerContext, 'mcpReq'>,
): Promise<CallToolResult> {
  const { requestId, access, args } = request
  const signal = AbortSignal.any([request.signal, context.mcpReq.signal])
  const writeOptions = readWriteOptions(context.mcpReq._meta, request.requestHeaders)
  const call: Call = { requestId, access, toolName, args, signal, writeOptions }
  const rendered = await renderCall(options, call, wantsRateLimit(context.mcpReq._meta))
  for (const [name, value] of Object.entries(rendered.headers)) request.responseHeaders.set(name, value)
  return {
    content: [{ type: 'text', text: rendered.text }],
    ...(rendered.isError ? { isError: true } : {}),
    ...(rendered.meta ? { _meta: { ...rendered.meta } } : {}),
  }
}

function wantsRateLimit(meta: object | undefined): boolean {
  const want: unknown = (meta as Record<string, unknown> | undefined)?.[WANT_META]
  return want === 'ratelimit' || (Array.isArray(want) && want.includes('ratelimit'))
}
