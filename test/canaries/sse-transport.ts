/**
 * @module
 * Calls over the legacy SSE transport: one session a URL, kept while it is in use. Everything that comes on its stream
 * counts as said, and so does the answer to the post.
 */
import { openSse, type RawSse } from '../transport/raw-sse.ts'
import type { Transport } from './transport.ts'

/** A tenant may have 50, and whoever sweeps goes from URL to URL. */
const KEPT = 8
/** Longer than this, and there is no answer. */
const TIMEOUT_MS = 120_000

interface Session {
  readonly sse: RawSse
  calls: number
}

export function sseTransport(): Transport {
  const sessions = new Map<string, Promise<Session>>()

  function sessionOf(url: string, token: string): Promise<Session> {
    const session = sessions.get(url) ?? open(url, token)
    // The one that was used last is the last to go.
    sessions.delete(url)
    sessions.set(url, session)
    const [oldest] = sessions.keys()
    if (sessions.size > KEPT && oldest !== undefined) end(oldest)
    return session
  }

  function end(url: string): void {
    sessions.get(url)?.then(
      ({ sse }) => sse.close(),
      () => {},
    )
    sessions.delete(url)
  }

  return {
    name: 'sse',
    async isThere(url, token) {
      try {
        await sessionOf(url, token)
        return true
      } catch {
        end(url)
        return false
      }
    },
    async call(url, token, name, args) {
      const session = await sessionOf(url, token)
      const { sse } = session
      const { status, headers } = sse.response
      const head = session.calls === 0 ? `${status} ${JSON.stringify([...headers])}` : ''
      session.calls += 1
      const { posted, answer } = await asked(sse, session.calls, { name, arguments: args })
      const text = answer.result?.content?.[0]?.text ?? ''
      const isError = answer.result?.isError === true || answer.result === undefined
      return { raw: [head, posted, sse.take()].join('\n'), text, isError }
    },
    close() {
      for (const url of sessions.keys()) end(url)
    },
  }
}

async function open(url: string, token: string): Promise<Session> {
  return { sse: await openSse(url, { authorization: `Bearer ${token}` }), calls: 0 }
}

/** @throws Error when the post is refused, or nothing comes on the stream in time. */
async function asked(sse: RawSse, id: number, params: unknown) {
  const answered = sse.answerTo(id)
  const response = await sse.post({ jsonrpc: '2.0', id, method: 'tools/call', params })
  const posted = `${response.status} ${JSON.stringify([...response.headers])}\n${await response.text()}`
  if (response.status !== 202) throw new Error(`Cannot call over SSE: ${response.status}`)
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('Cannot call over SSE: no answer came')), TIMEOUT_MS)
  try {
    return { posted, answer: await Promise.race([answered, late.promise]) }
  } finally {
    clearTimeout(timer)
  }
}
