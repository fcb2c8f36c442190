/**
 * @module
 * A fetch handler behind a real HTTP server, with time limits on slow senders and a way to stop that lets answers
 * under way finish.
 */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createAdaptorServer } from '@hono/node-server'

export interface HttpServer {
  readonly url: string
  readonly port: number
  /** Stops accepting, waits for answers under way (at most `graceMs`), then closes what is left. */
  stop(graceMs: number): Promise<void>
}

/** More sockets than this are refused: 2,000 idle ones cost some 100 MB. */
const MAX_CONNECTIONS = 2_000

/** From the wish to stop until the port closes. */
const ARRIVAL_MS = 100
/** A turn of the event loop accepts what waits; after as many without anybody new, nobody waits. */
const QUIET_TURNS = 3

/** @throws Error with a readable text when the address cannot be listened on. */
export function listenHttp(
  fetch: (request: Request) => Promise<Response>,
  at: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const running = new Set<Promise<Response>>()
  let stopping = false
  let arrivals = 0
  const handle = async (request: Request): Promise<Response> => {
    const answer = fetch(request)
    running.add(answer)
    try {
      const response = await answer
      // Whoever keeps a connection open learns with its last answer that there will not be another.
      if (stopping) response.headers.set('connection', 'close')
      return response
    } finally {
      running.delete(answer)
    }
  }
  const server = createAdaptorServer({
    fetch: handle,
    serverOptions: {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 60_000,
      maxHeaderSize: 16_384,
      // Node looks for slow senders only this often; its default of 30 s would triple the limits above.
      connectionsCheckingInterval: 1_000,
    },
  }) as Server
  server.maxConnections = MAX_CONNECTIONS
  server.on('connection', () => {
    arrivals += 1
  })

  const stop = async (graceMs: number): Promise<void> => {
    stopping = true
    // Who has connected already is served: a connection that waits to be accepted when the port closes is reset.
    await delay(Math.min(graceMs, ARRIVAL_MS))
    const giveUpAt = performance.now() + graceMs
    for (let quiet = 0; quiet < QUIET_TURNS && performance.now() < giveUpAt; ) {
      const before = arrivals
      await new Promise((resolve) => setImmediate(resolve))
      quiet = arrivals === before ? quiet + 1 : 0
    }
    await new Promise<void>((stopped) => {
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      server.close(() => {
        clearTimeout(cut)
        stopped()
      })
    })
    // Handlers outlive connections that were cut, and what they use must outlive them.
    await Promise.allSettled(running)
  }
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the port is taken. Choose another with --port' : error.message
      reject(new Error(`Cannot listen on ${at.host}:${at.port}: ${why}`))
    })
    server.listen(at.port, at.host, () => {
      const { port } = server.address() as AddressInfo
      const host = at.host.includes(':') ? `[${at.host}]` : at.host
      resolve({ url: `http://${host}:${port}`, port, stop })
    })
  })
}
