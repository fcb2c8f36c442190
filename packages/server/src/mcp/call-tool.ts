/**
 * @module
 * One `tools/call`, from the request to its result. Whatever goes wrong on the way is a result that says so, because
 * clients retry, rephrase or hide protocol errors.
 */
import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server'
import { FailureError, fail, WANT_META } from '@quartermaster/protocol'
import { type Answer, type Call, refuse } from '../invoke/call.ts'
import { type Rendered, render } from '../invoke/render.ts'
import { readWishes } from '../writes/wishes.ts'
import type { McpEndpointOptions } from './endpoint.ts'
import type { Exchange } from './exchange.ts'
import { internalError } from './internal-error.ts'

/** Calls the tool. Never rejects; the quota headers of the call are left on the exchange. */
export async function callTool(
  options: Pick<McpEndpointOptions, 'invoke' | 'log'>,
  exchange: Exchange,
  toolName: string,
  context: Pick<ServerContext, 'mcpReq'>,
): Promise<CallToolResult> {
  const { requestId, access, args } = exchange
  const signal = AbortSignal.any([exchange.signal, context.mcpReq.signal])
  const wishes = readWishes(context.mcpReq._meta, exchange.asked)
  const call: Call = { requestId, access, toolName, args, signal, wishes }
  const rendered = await renderCall(options, call, wantsRateLimit(context.mcpReq._meta))
  for (const [name, value] of Object.entries(rendered.headers)) exchange.headers.set(name, value)
  return {
    content: [{ type: 'text', text: rendered.text }],
    ...(rendered.isError ? { isError: true } : {}),
    ...(rendered.meta ? { _meta: { ...rendered.meta } } : {}),
  }
}

async function renderCall(
  { invoke, log }: Pick<McpEndpointOptions, 'invoke' | 'log'>,
  call: Call,
  wantRateLimit: boolean,
): Promise<Rendered> {
  try {
    return render(call, await invoke(call), { wantRateLimit })
  } catch (error) {
    if (error instanceof FailureError) return render(call, refuse(error.failure))
    log?.(internalError(call.requestId, error))
    return render(call, internalFailure(call.requestId))
  }
}

function internalFailure(requestId: string): Answer {
  return refuse(
    fail(
      'internal',
      'Cannot complete the call: an internal error happened.',
      'Do not repeat the call. Report the request_id to the operator.',
      { requestId },
    ),
  )
}

function wantsRateLimit(meta: object | undefined): boolean {
  const want: unknown = (meta as Record<string, unknown> | undefined)?.[WANT_META]
  return want === 'ratelimit' || (Array.isArray(want) && want.includes('ratelimit'))
}
