/**
 * @module
 * The sandbox's authority behind a line that can be slow, cut requests, lose answers and stumble. It writes down every
 * refresh with its refresh token, when it came and when it was over.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createSandbox, type VendorControl } from '@quartermaster/sandbox'

/** What happens to one token request. */
export interface Fate {
  readonly beforeMs?: number
  readonly afterMs?: number
  /** `cut`: the connection breaks; `unavailable`: 502; `busy`: "already being processed". */
  readonly instead?: 'cut' | 'unavailable' | 'busy'
  /** Handled, and the answer is thrown away. */
  readonly loseReply?: boolean
  /** Handled although the caller has hung up meanwhile, as most vendors would. */
  readonly stubborn?: boolean
}

export interface Attempt {
  /** The process, and what time it was there. */
  readonly worker: string
  readonly refreshToken: string
  readonly startedAt: number
  endedAt: number
  handled: boolean
}

/** Two requests with one refresh token, the second of which began while the first was still connected. */
export interface Overlap {
  readonly early: Attempt
  readonly late: Attempt
}

export interface ChaosAuthority {
  readonly url: string
  readonly attempts: Attempt[]
  fate: () => Fate
  /** How long an answer of the API takes, in milliseconds. */
  apiMs: () => number
  control(system: string): VendorControl
  overlaps(): readonly Overlap[]
  close(): Promise<void>
}

export async function startAuthority(): Promise<ChaosAuthority> {
  const sandbox = createSandbox({ tenants: ['acme'], seed: 1 })
  const attempts: Attempt[] = []
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing).catch(() => incoming.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  sandbox.useOrigin(url)
  const authority: ChaosAuthority = {
    url,
    attempts,
    fate: () => ({}),
    apiMs: () => 0,
    control: (system) => sandbox.control('acme', system),
    overlaps: () =>
      attempts.flatMap((late, at) =>
        attempts.slice(0, at).flatMap((early) => (overlap(early, late) ? [{ early, late }] : [])),
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return authority

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString('utf8')
    const refreshToken = new URLSearchParams(body).get('refresh_token')
    const fate: Fate = refreshToken === null ? {} : authority.fate()
    const worker = String(incoming.headers['x-worker'])
    const startedAt = Date.now()
    const attempt: Attempt = { worker, refreshToken: refreshToken ?? '', startedAt, endedAt: 0, handled: false }
    if (refreshToken !== null) attempts.push(attempt)
    const end = () => {
      attempt.endedAt ||= Date.now()
    }
    outgoing.once('close', end)

    const beforeMs = incoming.url?.includes('/token') ? fate.beforeMs : authority.apiMs()
    if (beforeMs) await delay(beforeMs)
    if (outgoing.destroyed && fate.stubborn !== true) return
    // It is over with the answer's first byte; the connection's own end may be noticed later.
    if (fate.instead !== undefined) end()
    if (fate.instead === 'cut') return void incoming.socket.destroy()
    if (fate.instead === 'unavailable') return void outgoing.writeHead(502).end('<html>Bad Gateway</html>')
    if (fate.instead === 'busy') {
      const busy = { error: 'invalid_grant', error_description: 'token request is already being processed' }
      return void outgoing.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(busy))
    }
    const { method = 'GET', url: path = '/' } = incoming
    const headers = new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]))
    const sent = method === 'GET' ? {} : { body }
    const response = await sandbox.fetch(new Request(new URL(path, url), { method, headers, ...sent }))
    attempt.handled = true
    const content = Buffer.from(await response.arrayBuffer())
    if (fate.afterMs) await delay(fate.afterMs)
    end()
    if (fate.loseReply) return void incoming.socket.destroy()
    outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(content)
  }
}

function overlap(early: Attempt, late: Attempt): boolean {
  if (early.refreshToken !== late.refreshToken) return false
  return early.endedAt === 0 || late.startedAt < early.endedAt
}
