/**
 * @module
 * A fetch handler behind a real HTTP server, with time limits on slow senders and slow readers and a way to stop that
 * lets answers under way finish.
 */
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createAdaptorServer } from '@hono/node-server'

export interface HttpServer {
  readonly url: string
  readonly port: number
  /** Stops accepting, waits for answers under way (at most `graceMs`), then closes what is left. */
  stop(graceMs: number): Promise<void>
}

export interface ListenLimits {
  /** Until a request's head is complete. */
  readonly headersMs: number
  /** Until a request is complete. */
  readonly requestMs: number
  /** How long an unused connection is kept. */
  readonly keepAliveMs: number
  /** How long an answer may go without a byte moving. A stream that lives is pinged more often. */
  readonly stalledMs: number
  /** How often slow senders are looked for. Node's default of 30 s would triple the limits above. */
  readonly checkEveryMs: number
  /** More sockets than this are refused: 2,000 idle ones cost some 100 MB. */
  readonly connections: number
}

export const defaultListenLimits: ListenLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 60_000,
  stalledMs: 120_000,
  checkEveryMs: 1_000,
  connections: 2_000,
}

/** How soon a connection whose last answer has ended is closed while stopping. */
const SWEEP_MS = 50
/** While stopping, a connection that asks for nothing has this long to begin. */
const SILENT_MS = 1_000

/** From the wish to stop until the port closes; as long again, at most, while connections keep arriving. */
const ARRIVAL_MS = 100
/** A turn of the event loop accepts what waits; after as many without anybody new, nobody waits. */
const QUIET_TURNS = 3

/** @throws Error with a readable text when the address cannot be listened on. */
export function listenHttp(
  fetch: (request: Request) => Promise<Response>,
  at: { readonly host: string; readonly port: number },
  limits: ListenLimits = defaultListenLimits,
): Promise<HttpServer> {
  const running = new Set<Promise<Response>>()
  let stopping = false
  let arrivals = 0
  const handle = async (request: Request): Promise<Response> => {
    // RFC 9112 §3.2. Node lets several through, and which one counts would be a matter of taste.
    if (request.headers.get('host')?.includes(',')) return new Response(null, { status: 400 })
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
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      maxHeaderSize: 16_384,
      connectionsCheckingInterval: limits.checkEveryMs,
      insecureHTTPParser: false,
    },
  }) as Server
  server.maxConnections = limits.connections
  server.timeout = limits.stalledMs
  const busy = busySockets(server)
  server.on('connection', () => {
    arrivals += 1
  })

  const stop = async (graceMs: number): Promise<void> => {
    stopping = true
    // Who has connected already is served: a connection that waits to be accepted when the port closes is reset.
    await delay(Math.min(graceMs, ARRIVAL_MS))
    const giveUpAt = performance.now() + Math.min(graceMs, ARRIVAL_MS)
    for (let quiet = 0; quiet < QUIET_TURNS && performance.now() < giveUpAt; ) {
      const before = arrivals
      await new Promise((resolve) => setImmediate(resolve))
      quiet = arrivals === before ? quiet + 1 : 0
    }
    await new Promise<void>((stopped) => {
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      // The end of a stream leaves its connection open: its head said so when nobody was stopping.
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
      const silent = setTimeout(busy.destroyOthers, Math.min(SILENT_MS, graceMs))
      server.close(() => {
        clearTimeout(cut)
        clearTimeout(silent)
        clearInterval(sweep)
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

/** Node takes a connection that has sent nothing yet for a busy one, and stops timing it when it stops listening. */
function busySockets(server: Server): { readonly destroyOthers: () => void } {
  const requests = new Map<Socket, number>()
  const count = (socket: Socket, by: number) => {
    const before = requests.get(socket)
    if (before !== undefined) requests.set(socket, before + by)
  }
  server.on('connection', (socket) => {
    requests.set(socket, 0)
    socket.once('close', () => requests.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    count(socket, 1)
    response.once('close', () => count(socket, -1))
  })
  return {
    destroyOthers() {
      for (const [socket, underWay] of requests) if (underWay === 0) socket.destroy()
    },
  }
}
