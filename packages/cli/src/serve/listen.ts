/**
 * @module
 * A fetch handler behind a real HTTP server, with time limits on slow senders and a way to stop that lets answers
 * under way finish.
 */
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'

export interface HttpServer {
  readonly url: string
  readonly port: number
  /** Stops accepting, waits for answers under way (at most `graceMs`), then closes what is left. */
  stop(graceMs: number): Promise<void>
}

/** @throws Error with a readable text when the port is taken. */
export function listenHttp(
  fetch: (request: Request) => Promise<Response>,
  at: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const server = createAdaptorServer({
    fetch,
    serverOptions: { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 60_000, maxHeaderSize: 16_384 },
  })
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the port is taken. Choose another with --port' : error.message
      reject(new Error(`Cannot listen on ${at.host}:${at.port}: ${why}`))
    })
    server.listen(at.port, at.host, () => {
      const { port } = server.address() as AddressInfo
      const host = at.host.includes(':') ? `[${at.host}]` : at.host
      resolve({
        url: `http://${host}:${port}`,
        port,
        stop: (graceMs) =>
          new Promise((stopped) => {
            const cut = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), graceMs)
            server.close(() => {
              clearTimeout(cut)
              stopped()
            })
            if ('closeIdleConnections' in server) server.closeIdleConnections()
          }),
      })
    })
  })
}
