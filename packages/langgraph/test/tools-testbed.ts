/**
 * @module
 * For tests only: a server whose answers a test decides and the LangChain tools behind it, on a clock that stands still. All
 * is closed when the test ends.
 */
import { type ConnectOptions, connect, RateGate } from '@quartermaster/client'
import { type ScriptedAnswer, type SeenCall, startTestServer, TestClock } from '@quartermaster/testing'
import { onTestFinished } from 'vitest'
import { type RecordToolsOptions, recordTools } from '../src/record-tools.ts'

/** The one page of a list. */
export const page = { result: [{ id: '1' }], next_cursor: null, result_count: 1 }

type Answer = (call: SeenCall) => ScriptedAnswer | Promise<ScriptedAnswer>

export async function connectedServer(answer: Answer, options: ConnectOptions = {}) {
  const server = await startTestServer(answer)
  const conn = await connect(server.url, options)
  onTestFinished(async () => {
    await conn.close()
    await server.close()
  })
  return { server, conn }
}

export async function toolsTestbed<M extends Partial<RecordToolsOptions>>(
  answer: Answer,
  more: M = {} as M,
  connecting: ConnectOptions = {},
) {
  const { server, conn } = await connectedServer(answer, connecting)
  const clock = new TestClock()
  const gate = new RateGate({ clock, random: () => 0 })
  const options = { account: 'acme', gate, clock, random: () => 0, ...more }
  return { server, conn, clock, gate, options, tools: await recordTools(conn, options) }
}
