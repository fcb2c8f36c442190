/**
 * @module
 * Puts a sandbox on a port of the loopback interface.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { ResponseDropped } from './control/play-faults.ts'
import type { Sandbox } from './sandbox.ts'

/** A sandbox that is listening. */
export interface Listening {
  /** Such as `http://127.0.0.1:4000`, no trailing slash. */
  readonly url: string
  /** Stops listening and cuts open connections. */
  close(): Promise<void>
}

/** Listens on 127.0.0.1; port 0 picks a free one. The sandbox learns its origin. Rejects when the port is taken. */
export async function listen(sandbox: Sandbox, port = 0): Promise<Listening> {
  const server = createServer((incoming, outgoing) => {
    answer(sandbox, incoming, outgoing).catch((error: unknown) => {
      if (error instanceof ResponseDropped || outgoing.headersSent) incoming.socket.destroy()
      else outgoing.writeHead(500, { 'content-type': 'text/plain' }).end(`Sandbox failure: ${String(error)}`)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : port}`
  sandbox.useOrigin(url)
  return {
    url,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

async function answer(sandbox: Sandbox, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const { method = 'GET', url = '/', headers, rawHeaders } = incoming
  const head = new Headers()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    head.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '')
  }
  const body = chunks.length > 0 && method !== 'GET' && method !== 'HEAD' ? Buffer.concat(chunks) : undefined
  const request = new Request(new URL(url, `http://${headers.host ?? '127.0.0.1'}`), { method, headers: head, body })
  const response = await sandbox.fetch(request)
  const content = Buffer.from(await response.arrayBuffer())
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.end(content)
}
