/**
 * @module
 * The handlers of the two protocol eras over HTTP: 2026-07-28, which is stateless, and the revisions before it, which
 * are served without a session.
 */
import { createMcpHandler, type Server, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'
import { addSupportedVersions } from './add-supported-versions.ts'
import { jsonRpcError } from './json-rpc-error.ts'
import type { RequestContext } from './request-context.ts'
import { type StreamSlots, streamSlots } from './stream-slots.ts'
import { validateInitialize } from './validate-initialize.ts'

export type ProtocolHandler = (request: Request, body: object, context: RequestContext) => Promise<Response>

/** Makes the protocol server of one request. */
export type BuildServer = (context: RequestContext) => Server

const LISTENERS_PER_TENANT = 16
const BOTH_TYPES = 'application/json, text/event-stream'

/** The handlers of both eras. */
export function createProtocolHandlers(build: BuildServer): {
  readonly modern: ProtocolHandler
  readonly legacy: ProtocolHandler
} {
  return { modern: createModern(build), legacy: createLegacy(build) }
}

function createModern(build: BuildServer): ProtocolHandler {
  const contexts = new WeakMap<Request, RequestContext>()
  const handler = createMcpHandler(
    ({ requestInfo }) => {
      const context = requestInfo && contexts.get(requestInfo)
      if (!context) throw new Error('Cannot build the server: the request is not one being handled')
      return build(context)
    },
    { legacy: 'reject' },
  )
  const slots = streamSlots(LISTENERS_PER_TENANT)
  return async (request, body, context) => {
    contexts.set(request, context)
    const answer = () => handler.fetch(request, { parsedBody: body })
    if (methodOf(body) === 'subscriptions/listen') return holdSlot(slots, body, context, answer)
    const response = await answer()
    const namesRevisions = methodOf(body) === 'server/discover' || response.status === 400
    return namesRevisions ? addSupportedVersions(response) : response
  }
}

/** A listener hears nothing: what an account's fields change in a tool is there at the next list. The protocol wants the stream. */
async function holdSlot(
  slots: StreamSlots,
  { id }: { readonly id?: unknown },
  { access, signal }: RequestContext,
  answer: () => Promise<Response>,
): Promise<Response> {
  const slot = slots.take(access.server.tenant)
  if (!slot) return jsonRpcError(200, -32_603, 'Cannot listen: too many streams are open', { id })
  signal.addEventListener('abort', slot.release, { once: true })
  try {
    const response = await answer()
    if (response.body && response.headers.get('content-type')?.includes('text/event-stream')) {
      return new Response(whenDone(response.body, slot.release), response)
    }
    slot.release()
    return response
  } catch (error) {
    slot.release()
    throw error
  }
}

/** The same bytes; `done` is told when they end, fail or are no longer wanted. */
function whenDone(body: ReadableStream<Uint8Array>, done: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream({
    async pull(controller) {
      try {
        const chunk = await reader.read()
        if (!chunk.done) return controller.enqueue(chunk.value)
        controller.close()
      } catch (error) {
        controller.error(error)
      }
      done()
    },
    cancel(reason) {
      done()
      return reader.cancel(reason)
    },
  })
}

function createLegacy(build: BuildServer): ProtocolHandler {
  return async (request, body, context) => {
    const refused = validateInitialize(body)
    if (refused) return Response.json(refused)
    const accepted = withBothTypes(request)
    const streams = accepted === request && asksForProgress(body)
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: !streams })
    await build(context).connect(transport)
    const response = await transport.handleRequest(accepted, { parsedBody: body })
    if (!streams) await transport.close()
    return response
  }
}

/** Callers with a plain HTTP client name one type or none; they are answered with JSON all the same. */
function withBothTypes(request: Request): Request {
  const accept = request.headers.get('accept') ?? ''
  if (accept.includes('application/json') && accept.includes('text/event-stream')) return request
  const headers = new Headers(request.headers)
  headers.set('accept', BOTH_TYPES)
  return new Request(request.url, { method: 'POST', headers })
}

function asksForProgress(body: object): boolean {
  const { params } = body as { readonly params?: { readonly _meta?: { readonly progressToken?: unknown } } }
  return params?._meta?.progressToken !== undefined
}

function methodOf(body: object): unknown {
  return (body as { readonly method?: unknown }).method
}
