/**
 * @module
 * Sends what no client library would send, and hands back what came: over a kept connection, or byte by byte over one
 * of its own.
 */
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'

export interface Sent {
  readonly method: string
  /** With its leading slash. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Longer than this, and the server hangs. */
const TIMEOUT_MS = 120_000
/** After this long without an answer, a request that was cut short is over. */
const SILENCE_MS = 250
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** The server may have closed a kept connection that has been quiet for long while this was on its way (RFC 9112 §9.5). */
class KeptConnectionLost extends Error {
  override readonly name = 'KeptConnectionLost'
}

/** Rejects when there is no answer, or none in time. What meets the end of a kept connection has a new one to itself. */
export async function send(origin: string, sent: Sent): Promise<Answer> {
  try {
    return await sendOver(agent, origin, sent)
  } catch (error) {
    if (!(error instanceof KeptConnectionLost)) throw error
    return sendOver(false, origin, sent)
  }
}

function sendOver(agent: Agent | false, origin: string, { method, path, headers, body }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin)
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const outgoing = request(
      { agent, hostname, port, method, path, headers: { ...headers, ...length }, timeout: TIMEOUT_MS },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.once('error', reject)
        incoming.once('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        )
      },
    )
    outgoing.once('timeout', () => outgoing.destroy(new Error('Cannot wait any longer: the server does not answer')))
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      const isLost = outgoing.reusedSocket && error.code === 'ECONNRESET'
      reject(isLost ? new KeptConnectionLost(error.message, { cause: error }) : error)
    })
    outgoing.end(body)
  })
}

/** Writes the bytes, reads until the server hangs up. `undefined`: it hung up without a word. */
export function sendBytes(origin: string, bytes: Uint8Array): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin)
    const chunks: Buffer[] = []
    let silence: NodeJS.Timeout | undefined
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      socket.write(bytes)
      silence = setTimeout(takeBack, SILENCE_MS)
    })
    // Some heads promise more than comes: what is left unsaid is then taken back, also after a "100 Continue".
    const takeBack = () => void socket.end()
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('Cannot wait any longer: the server does not answer')))
    socket.on('data', (chunk) => {
      clearTimeout(silence)
      silence = setTimeout(takeBack, SILENCE_MS)
      chunks.push(chunk)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(parse(Buffer.concat(chunks)))
      else reject(error)
    })
    socket.once('close', () => {
      clearTimeout(silence)
      resolve(parse(Buffer.concat(chunks)))
    })
  })
}

function parse(bytes: Buffer): Answer | undefined {
  if (bytes.length === 0) return undefined
  const end = bytes.indexOf('\r\n\r\n')
  // An interim answer says only that the rest may come.
  if (bytes.subarray(0, 12).toString('latin1') === 'HTTP/1.1 100') return parse(bytes.subarray(end + 4))
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const rest = bytes.subarray(end + 4)
  const text = headers['transfer-encoding'] === 'chunked' ? unchunked(rest) : rest.toString('utf8')
  return { status: Number(first.split(' ')[1]), headers, text }
}

function unchunked(bytes: Buffer): string {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const line = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16)
    if (!(size > 0)) break
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
  return Buffer.concat(parts).toString('utf8')
}
