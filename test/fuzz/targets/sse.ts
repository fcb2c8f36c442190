/**
 * @module
 * Target: messages to the legacy SSE transport. After each, the stream must still answer a ping.
 */
import fc from 'fast-check'
import { Finding } from '../finding.ts'
import type { FuzzTestbed } from '../fuzz-testbed.ts'
import { type RpcMessage, rpcMessages } from '../rpc-message.ts'
import { openSseLine, type SseLine } from '../sse-line.ts'
import type { Target } from '../target.ts'

interface Posted {
  readonly message: RpcMessage
  /** Of the stream, or one that is not. */
  readonly session: string | undefined
}

const lines = new WeakMap<FuzzTestbed, Map<number, SseLine>>()
const headers = { 'content-type': 'application/json' }
let pings = 0

export const sseTarget: Target<Posted> = {
  name: 'sse',
  share: 0.07,
  mustSee: ['202', '400'],
  inputs: ({ doors }) =>
    fc.record({
      message: rpcMessages(doors),
      session: fc.oneof(
        { weight: 15, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom('', '__proto__', 'constructor', '%00', `${'A'.repeat(22)}`) },
      ),
    }),
  async attempt(testbed, { message, session }) {
    const line = await lineOf(testbed, message.door)
    const path = session === undefined ? line.endpoint : line.endpoint.replace(/sessionId=.*/, `sessionId=${session}`)
    const { status } = await testbed.ask({
      method: 'POST',
      path,
      headers: { ...headers, ...message.headers },
      body: message.body,
    })
    const id = `ping-${pings++}`
    const answered = line.answerTo(id)
    answered.catch(() => {})
    const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' })
    const pinged = await testbed.ask({ method: 'POST', path: line.endpoint, headers, body })
    if (pinged.status !== 202) throw new Finding(`the stream takes no ping any more: ${pinged.status}`)
    await answered
    line.check()
    return String(status)
  },
}

async function lineOf(testbed: FuzzTestbed, door: number): Promise<SseLine> {
  const own = lines.get(testbed) ?? new Map<number, SseLine>()
  lines.set(testbed, own)
  const known = own.get(door)
  if (known && !known.ended()) return known
  const line = await openSseLine(`${testbed.url}${testbed.doors[door]?.path}/sse`, testbed.secrets())
  own.set(door, line)
  return line
}

/** Before the testbed closes: a stream would keep it waiting. */
export function closeSseLines(testbed: FuzzTestbed): void {
  for (const line of lines.get(testbed)?.values() ?? []) line.close()
}
