/**
 * @module
 * Where a request leaves: the only way out to a system, over undici, with a bounded pool per origin, a deadline, a
 * cap on what is read, no redirects, and no address inside the network.
 */
import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'
import type { UpstreamRequest, UpstreamResponse } from '@quartermaster/connectors'
import type { Dispatcher } from 'undici'
import { decodeContent } from './decode-content.ts'
import { isPublicAddress } from './public-address.ts'
import { readCapped } from './read-capped.ts'

/** Finds all addresses of a name, as `lookup` of `node:dns` does. */
export type LookupAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export interface UpstreamOptions {
  /**
   * Lets requests reach loopback and private addresses, over plain HTTP too. Only for a sandbox on the same machine:
   * it takes away the defence against server-side request forgery.
   */
  readonly dangerouslyAllowPrivateAddresses?: boolean
  /** The resolver; the machine's own when left out. */
  readonly lookup?: LookupAll
}

export interface SendOptions {
  readonly signal?: AbortSignal
  readonly timeoutMs: number
  /**
   * Asked when the connection stands and the first byte is about to leave, which may be long after `send` was called
   * when the process was stopped in between. False ends the request as `too_late`, with nothing sent.
   */
  readonly maySend?: () => boolean
}

export interface Upstream {
  /** @throws UpstreamFault when no whole answer came. */
  send(request: UpstreamRequest, options: SendOptions): Promise<UpstreamResponse>
  close(): Promise<void>
}

/** Why there is no answer. `sent` tells whether the system may have acted on the request. */
export class UpstreamFault extends Error {
  override readonly name = 'UpstreamFault'
  readonly kind: 'refused_address' | 'too_late' | 'unreachable' | 'timeout' | 'cancelled' | 'broken' | 'too_large'
  readonly sent: boolean
  /** What the network called it, such as `ECONNRESET`. The error itself is not kept: it can quote the answer. */
  readonly code: string | undefined

  constructor(kind: UpstreamFault['kind'], sent: boolean, code?: string) {
    super(`Cannot reach the system: ${kind.replace('_', ' ')}`)
    this.kind = kind
    this.sent = sent
    this.code = code
  }
}

/** Largest answer that is read, after inflating; a page of 100 records is well below one megabyte. */
const MAX_BODY_BYTES = 4 * 1024 * 1024
/** Sockets to one origin: more calls than this at once wait for a socket, inside their deadline. */
const CONNECTIONS_PER_ORIGIN = 32

export function createUpstream(options: UpstreamOptions = {}): Upstream {
  const open = options.dangerouslyAllowPrivateAddresses === true
  // Loaded with the first request: a server that starts has nothing to send yet.
  const connect = async () => {
    const { Agent, request } = await import('undici')
    const agent = new Agent({
      connections: CONNECTIONS_PER_ORIGIN,
      connect: { timeout: 3_000, lookup: checkedLookup(options.lookup ?? dnsLookup, open) },
      headersTimeout: 30_000,
      bodyTimeout: 30_000,
      keepAliveTimeout: 10_000,
    })
    return { agent, request }
  }
  let connected: ReturnType<typeof connect> | undefined
  return {
    async send(request, { signal, timeoutMs, maySend }) {
      checkUrl(request.url, open)
      const { deadline, clear } = abortAfter(timeoutMs)
      const stop = signal ? AbortSignal.any([signal, deadline]) : deadline
      let sent = false
      try {
        connected ??= connect()
        const undici = await connected
        const response = await undici.request(request.url, {
          method: request.method,
          headers: { ...request.headers },
          body: request.body ?? null,
          dispatcher: maySend ? undici.agent.compose(onlyIf(maySend)) : undici.agent,
          signal: stop,
        })
        sent = true
        return {
          status: response.statusCode,
          headers: flatten(response.headers),
          body: await readText(decodeContent(response.body, response.headers['content-encoding'])),
        }
      } catch (error) {
        throw asFault(error, { sent, cancelled: signal?.aborted === true, timedOut: deadline.aborted })
      } finally {
        clear()
      }
    },
    close: async () => (await connected)?.agent.destroy(),
  }
}

/**
 * Looks at the socket once more before it gives up on an answer. A process that was stopped, or busy, past its deadline
 * wakes to its timers first, with the answer waiting in the socket; and an answer may hold the only refresh token.
 */
function abortAfter(timeoutMs: number): { readonly deadline: AbortSignal; readonly clear: () => void } {
  const controller = new AbortController()
  let last: NodeJS.Immediate | undefined
  const timer = setTimeout(() => {
    last = setImmediate(() => controller.abort(new DOMException('the deadline has passed', 'TimeoutError')))
  }, timeoutMs)
  return {
    deadline: controller.signal,
    clear() {
      clearTimeout(timer)
      clearImmediate(last)
    },
  }
}

/** `onRequestStart` comes in the same turn as the write, just before it. */
function onlyIf(maySend: () => boolean): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const guarded: Dispatcher.DispatchHandler = {
      onRequestStart(controller, context) {
        if (maySend()) handler.onRequestStart?.(controller, context)
        else controller.abort(new UpstreamFault('too_late', false))
      },
      onRequestUpgrade: (...event) => handler.onRequestUpgrade?.(...event),
      onResponseStart: (...event) => handler.onResponseStart?.(...event),
      onResponseData: (...event) => handler.onResponseData?.(...event),
      onResponseEnd: (...event) => handler.onResponseEnd?.(...event),
      onResponseError: (...event) => handler.onResponseError?.(...event),
    }
    return dispatch(options, guarded)
  }
}

function checkUrl(text: string, open: boolean): void {
  if (!URL.canParse(text)) throw new UpstreamFault('refused_address', false)
  if (open) return
  const { protocol, username, password, hostname } = new URL(text)
  const host = hostname.replace(/^\[|\]$/g, '')
  const inside = isIP(host) !== 0 && !isPublicAddress(host)
  if (protocol !== 'https:' || username !== '' || password !== '' || inside) {
    throw new UpstreamFault('refused_address', false)
  }
}

/**
 * Resolves and then refuses, so that the address that was checked is the address that is connected to. Of a mixed
 * answer the public addresses stay: a translating resolver (RFC 6147) adds others to the names of honest systems.
 */
function checkedLookup(lookup: LookupAll, open: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0)
      const allowed = open ? addresses : addresses.filter(({ address }) => isPublicAddress(address))
      const [first] = allowed
      if (!first) return callback(new UpstreamFault('refused_address', false), '', 0)
      return options.all ? callback(null, allowed) : callback(null, first.address, first.family)
    })
  }
}

async function readText(body: Readable): Promise<string> {
  const bytes = await readCapped(body, MAX_BODY_BYTES)
  if (!bytes) throw new UpstreamFault('too_large', true)
  // Unlike Buffer, this leaves out a byte order mark, which JSON does not allow (RFC 8259 §8.1).
  return new TextDecoder().decode(bytes)
}

function flatten(headers: {
  readonly [name: string]: string | string[] | undefined
}): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  )
}

/** Errors of the connection, the handshake or the request's own form: not one byte of the request has left. */
const BEFORE_SENDING =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|UND_ERR_INVALID_ARG|ERR_TLS_.*|ERR_SSL_.*|CERT_.*|.*SELF_SIGNED.*|UNABLE_TO_.*)$/

function asFault(error: unknown, state: { sent: boolean; cancelled: boolean; timedOut: boolean }): UpstreamFault {
  if (error instanceof UpstreamFault) return error
  if (error instanceof Error && error.cause instanceof UpstreamFault) return error.cause
  const { code: named } = error as NodeJS.ErrnoException
  const code = typeof named === 'string' ? named : undefined
  if (state.cancelled) return new UpstreamFault('cancelled', true, code)
  if (state.timedOut) return new UpstreamFault('timeout', true, code)
  if (!state.sent && code !== undefined && BEFORE_SENDING.test(code))
    return new UpstreamFault('unreachable', false, code)
  return new UpstreamFault('broken', true, code)
}
