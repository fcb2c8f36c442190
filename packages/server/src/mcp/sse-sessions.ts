/**
 * @module
 * The legacy SSE transport (2024-11-05): a stream that is opened by GET, and messages that are posted to the address
 * in its first event. Sessions live in this process; a client whose session is gone gets a 404 and reconnects.
 */

import type { Access } from '../pipeline/call.ts'
import { periodicTask } from '../time/periodic-task.ts'
import type { McpEndpointOptions } from './endpoint-options.ts'
import { jsonRpcError } from './json-rpc-error.ts'
import { readMessage } from './read-message.ts'
import { type SseSession, sseSession } from './sse-session.ts'
import { type SseStream, sseStream } from './sse-stream.ts'
import { type StreamSlots, streamSlots } from './stream-slots.ts'

/** What a stream was opened with: the URL and, as its actor, the API token when one was needed. */
export interface StreamCredentials {
  readonly access: Access
  /** The hash of the URL's token that opened it: the URL may have another one by now. */
  readonly urlHash: string
  /** The hash of the API token's secret, when one was needed. */
  readonly factorHash?: string
}

export interface SseSessionsOptions {
  readonly endpoint: McpEndpointOptions
  readonly now: () => number
  readonly random: () => number
  /** A fresh id that cannot be guessed. */
  readonly newSessionId: () => string
  /** Which of these were opened by a URL or API token that is now revoked, expired or replaced. Asked twice a second about all of them at once. */
  readonly findRevoked: (streams: readonly StreamCredentials[]) => Promise<ReadonlySet<StreamCredentials>>
  readonly onError: (error: unknown) => void
  readonly caps?: StreamCaps
}

export interface StreamCaps {
  readonly perUrl: number
  readonly perTenant: number
  readonly perProcess: number
}

export interface SseSessions {
  /** Opens a stream whose first event is the address for messages: `messagesPath` with the session's id. */
  open(credentials: StreamCredentials, messagesPath: (sessionId: string) => string): Response
  /** What a session was opened with; undefined when there is no such session. */
  credentialsOf(sessionId: string): StreamCredentials | undefined
  /** Takes a posted message: 202, and its answer on the stream. */
  post(sessionId: string, request: Request, access: Access): Promise<Response>
  /** Streams open now. */
  size(): number
  /** Looks after the streams now: pings, idle ones, those whose URL or API token was revoked. */
  tick(): Promise<number>
  /** Opens nothing more, ends what waits for nothing, and the rest as soon as it has its answers. */
  drain(): void
  /** Ends everything. */
  close(): Promise<void>
}

interface Entry extends StreamCredentials {
  readonly stream: SseStream
  readonly session: SseSession
  pingedAt: number
  usedAt: number
}

const defaultCaps: StreamCaps = { perUrl: 16, perTenant: 50, perProcess: 500 }
/** Python clients give up after five minutes without a byte; proxies after one. */
const PING_MS = 20_000
/** Not every client reconnects, so an unused stream is left open for long. */
const IDLE_MS = 3_600_000
/** With the chance that a round begins after twice this long, a revocation is felt within half a second. */
const ROUND_MS = 200

const streamHeaders = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' } as const

export function sseSessions(options: SseSessionsOptions): SseSessions {
  const { now, caps = defaultCaps } = options
  const sessions = new Map<string, Entry>()
  const [urls, tenants] = [streamSlots(caps.perUrl), streamSlots(caps.perTenant)]
  let draining = false
  const work = periodicTask({ run: look, pauseMs: ROUND_MS, random: options.random, onError: options.onError })
  work.start()

  async function look(): Promise<number> {
    const at = now()
    for (const entry of sessions.values()) {
      if (at - entry.usedAt >= IDLE_MS) entry.stream.end()
      else if (at - entry.pingedAt >= PING_MS) {
        entry.pingedAt = at
        entry.stream.ping()
      }
    }
    if (sessions.size === 0) return 0
    const revoked = await options.findRevoked([...sessions.values()])
    for (const entry of sessions.values()) if (revoked.has(entry)) entry.stream.end()
    return revoked.size
  }

  function open(credentials: StreamCredentials, messagesPath: (sessionId: string) => string): Response {
    if (draining) return busy('this process is stopping')
    if (sessions.size >= caps.perProcess) return busy('too many streams are open')
    const release = takeBoth(urls, tenants, credentials.access)
    if (!release) return busy('this URL or its owner has too many streams open')
    const id = options.newSessionId()
    const stream = sseStream(() => {
      sessions.delete(id)
      release()
      session.abandon()
    })
    const session = sseSession(options.endpoint, stream, () => {
      if (draining) stream.end()
    })
    sessions.set(id, { ...credentials, stream, session, pingedAt: now(), usedAt: now() })
    stream.event('endpoint', messagesPath(id))
    return new Response(stream.body, { headers: streamHeaders })
  }

  return {
    open,
    credentialsOf: (id) => sessions.get(id),
    async post(id, request, access) {
      const message = await readMessage(request)
      if (!message.ok) return message.response
      const entry = sessions.get(id)
      if (!entry) return noSession()
      entry.usedAt = now()
      entry.session.receive(message.body, access, request.headers)
      return new Response(null, { status: 202 })
    },
    size: () => sessions.size,
    tick: work.tick,
    drain() {
      draining = true
      for (const { session, stream } of sessions.values()) if (session.underWay() === 0) stream.end()
    },
    async close() {
      draining = true
      for (const { stream } of sessions.values()) stream.end()
      await work.stop()
    },
  }
}

/** A slot of the URL and one of its tenant, or neither. */
function takeBoth(urls: StreamSlots, tenants: StreamSlots, { server }: Access): (() => void) | undefined {
  const url = urls.take(server.id)
  if (!url) return undefined
  const tenant = tenants.take(server.tenant)
  if (!tenant) {
    url.release()
    return undefined
  }
  return () => {
    url.release()
    tenant.release()
  }
}

function busy(why: string): Response {
  return jsonRpcError(503, -32_603, `Cannot open a stream: ${why}`, { headers: { 'Retry-After': '5' } })
}

/** The answer to a message for a session that is not here. */
export function noSession(): Response {
  return jsonRpcError(404, -32_600, 'Cannot take the message: there is no such session. Connect again')
}
