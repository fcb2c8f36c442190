/**
 * @module
 * A stream of the legacy SSE transport, read as bytes: every event on it must be JSON and hold no secret.
 */
import { get, type IncomingMessage } from 'node:http'
import { Finding, requireNoSecret } from './finding.ts'

export interface SseLine {
  /** Where messages go, as the server said. */
  readonly endpoint: string
  readonly ended: () => boolean
  /** Resolves with the answer to the request of this id. */
  answerTo(id: string): Promise<string>
  /** @throws Finding for the first bad event since the last call. */
  check(): void
  close(): void
}

const TIMEOUT_MS = 120_000

export async function openSseLine(url: string, secrets: readonly string[]): Promise<SseLine> {
  const { promise: endpoint, resolve: named } = Promise.withResolvers<string>()
  const waiting = new Map<string, (text: string) => void>()
  const bad: Finding[] = []
  let ended = false
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false, headers: { accept: 'text/event-stream' } }, resolve).once('error', reject)
  })
  if (incoming.statusCode !== 200) throw new Error(`Cannot open a stream: ${incoming.statusCode}`)
  const take = (block: string) => {
    if (block.startsWith(':')) return
    const [, name, data = ''] = /^event: (\w+)\ndata: ([\s\S]*)$/.exec(block) ?? []
    if (name === 'endpoint') return named(data)
    try {
      const { id } = JSON.parse(data) as { id?: unknown }
      requireNoSecret(data, secrets, 'an event')
      if (/\\*"code\\*":(\\*"internal\\*"|-32603\b)/.test(data)) bad.push(new Finding(`an internal error: ${data}`))
      if (typeof id === 'string') waiting.get(id)?.(data)
    } catch (error) {
      bad.push(error instanceof Finding ? error : new Finding(`an event is not JSON: ${block.slice(0, 300)}`))
    }
  }
  let text = ''
  incoming.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) take(block)
  })
  incoming.once('close', () => {
    ended = true
  })
  incoming.once('error', () => {})
  return {
    endpoint: await endpoint,
    ended: () => ended,
    answerTo(id) {
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Finding('the stream does not answer a ping any more')), TIMEOUT_MS)
        waiting.set(id, (answer) => {
          clearTimeout(late)
          waiting.delete(id)
          resolve(answer)
        })
      })
    },
    check() {
      const [first] = bad.splice(0)
      if (first) throw first
    },
    close: () => incoming.destroy(),
  }
}
