/**
 * @module
 * One legacy SSE session: messages come in by POST, answers go out on the stream in the order in which they are ready.
 */
import type { Access } from '../pipeline/call.ts'
import { answerMessage } from './answer-message.ts'
import { internalError } from './endpoint-log.ts'
import type { McpEndpointOptions } from './endpoint-options.ts'
import { extractArguments } from './extract-arguments.ts'
import { limitError, limitRequests } from './limit-requests.ts'
import { readClientInfo } from './read-client-info.ts'
import type { SseStream } from './sse-stream.ts'

export interface SseSession {
  /** Takes a message that came with `access` and with `requestHeaders`; its answer appears on the stream. */
  receive(body: object, access: Access, requestHeaders: Headers): void
  /** How many requests have no answer yet. */
  underWay(): number
  /** Aborts what is under way: the client has gone. */
  abandon(): void
}

/** More than any client has open at once; what reaches a system is bounded further in. */
const MAX_UNDER_WAY = 256

type Id = string | number

/** @param onIdle Told whenever the last request under way has been answered. */
export function sseSession(options: McpEndpointOptions, stream: SseStream, onIdle: () => void): SseSession {
  const underWay = new Map<Id, AbortController>()

  function refuse(id: Id | null, code: number, message: string, data?: object): void {
    const error = { code, message, ...(data ? { data } : {}) }
    stream.event('message', JSON.stringify({ jsonrpc: '2.0', id, error }))
  }

  async function answer(id: Id, body: object, access: Access, requestHeaders: Headers): Promise<void> {
    const controller = new AbortController()
    underWay.set(id, controller)
    const requestId = options.requestId()
    const { body: message, args } = extractArguments(body)
    const context = {
      access,
      requestId,
      args,
      requestHeaders,
      responseHeaders: new Headers(),
      signal: controller.signal,
    }
    try {
      await answerMessage(options, message as Parameters<typeof answerMessage>[1], context, (reply) =>
        stream.event('message', JSON.stringify(reply)),
      )
    } catch (error) {
      options.log?.(internalError(requestId, error))
      refuse(id, -32_603, `Internal error (${requestId})`)
    } finally {
      underWay.delete(id)
      if (underWay.size === 0) onIdle()
    }
  }

  return {
    underWay: () => underWay.size,
    abandon() {
      for (const controller of underWay.values()) controller.abort()
    },
    receive(body, access, requestHeaders) {
      const { jsonrpc, id, method, params } = body as { readonly [member: string]: unknown }
      if (jsonrpc !== '2.0') return refuse(null, -32_600, 'Cannot read the message: it is not JSON-RPC 2.0')
      // An answer from the client: nothing was asked of it.
      if (method === undefined && id !== undefined) return
      if (typeof method !== 'string') return refuse(null, -32_600, 'Cannot read the message: it has no method')
      if (id === undefined) {
        if (method === 'notifications/cancelled') underWay.get(cancelledId(params))?.abort()
        return
      }
      if (!isId(id)) return refuse(null, -32_600, 'Cannot read the message: its id is neither text nor a number')
      if (underWay.has(id)) return refuse(id, -32_600, 'Cannot answer: another request with this id is under way')
      if (underWay.size >= MAX_UNDER_WAY) return refuse(id, -32_603, 'Cannot answer: too many requests are under way')
      const refusal = limitRequests(options.limits, body, access)
      if (refusal) {
        const { code, message, data } = limitError(refusal)
        return refuse(id, code, message, data)
      }
      const client = readClientInfo(body)
      if (client) options.log?.({ event: 'mcp_hello', serverId: access.server.id, ...client })
      void answer(id, body, access, requestHeaders)
    },
  }
}

function isId(value: unknown): value is Id {
  return typeof value === 'string' || typeof value === 'number'
}

function cancelledId(params: unknown): Id {
  const id = (params as { readonly requestId?: unknown } | null | undefined)?.requestId
  return isId(id) ? id : ''
}
