/**
 * @module
 * For tests only: a server whose answers a test decides, a connection to it, and a gate on a clock that stands still. All is
 * closed when the test ends.
 */
import { type ScriptedAnswer, type SeenCall, startTestServer, TestClock } from '@quartermaster/testing'
import { onTestFinished } from 'vitest'
import type { CallEvent } from '../src/call-event.ts'
import type { CallOptions } from '../src/call-tool.ts'
import { type ConnectOptions, connect } from '../src/connect.ts'
import { RateGate } from '../src/rate-gate.ts'

/** The one page of a list. */
export const page = { result: [{ id: '1' }], next_cursor: null, result_count: 1 }

export interface CallTestbedOptions extends ConnectOptions {
  readonly tools?: Parameters<typeof startTestServer>[1]
  /** Every random number, default 0. */
  readonly random?: number
}

export async function callTestbed(
  answer: (call: SeenCall) => ScriptedAnswer | Promise<ScriptedAnswer>,
  { tools, random = 0, ...connecting }: CallTestbedOptions = {},
) {
  const server = await startTestServer(answer, tools)
  const conn = await connect(server.url, connecting)
  onTestFinished(async () => {
    await conn.close()
    await server.close()
  })
  const clock = new TestClock()
  const gate = new RateGate({ clock, random: () => random })
  const events: CallEvent[] = []
  const options: CallOptions = {
    account: 'acme',
    gate,
    clock,
    random: () => random,
    onEvent: (event) => events.push(event),
  }
  return { server, conn, clock, gate, events, options }
}
