/**
 * @module
 * Answers one request of an older protocol revision on a channel that many requests share. Each request has its own
 * protocol server, so data of one cannot reach another.
 */
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server'
import { buildProtocolServer } from './build-protocol-server.ts'
import type { McpEndpointOptions } from './endpoint-options.ts'
import type { RequestContext } from './request-context.ts'
import { validateInitialize } from './validate-initialize.ts'

/**
 * Answers `message`. Resolves when its result or error has been handed to `send`, or when the context's signal has
 * aborted, after which nothing more is sent.
 */
export async function answerMessage(
  options: McpEndpointOptions,
  message: JSONRPCMessage,
  context: RequestContext,
  send: (message: JSONRPCMessage) => void,
): Promise<void> {
  const { signal } = context
  if (signal.aborted) return
  const refused = validateInitialize(message)
  if (refused) return send(refused)
  const answered = Promise.withResolvers<void>()
  const transport: Transport = {
    start: async () => {},
    close: async () => transport.onclose?.(),
    send: async (reply) => {
      if (signal.aborted) return
      send(reply)
      if (!('method' in reply)) answered.resolve()
    },
  }
  const give = () => answered.resolve()
  signal.addEventListener('abort', give, { once: true })
  const server = buildProtocolServer(options, context)
  try {
    await server.connect(transport)
    transport.onmessage?.(message)
    await answered.promise
  } finally {
    signal.removeEventListener('abort', give)
    await server.close()
  }
}
