/**
 * @module
 * Four ways to read records from a system with a quota, each behind the same question: read this one, and say whether you
 * got it. What goes over the wire is counted beneath all of them.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ToolMessage } from '@langchain/core/messages'
import { callTool, type GateStore, type McpConn, type McpResult, RateGate } from '@quartermaster/client'
import { toolRetryMiddleware } from 'langchain'
import pRetry from 'p-retry'

export const TOOL = { name: 'get_single_hub_spot_contact_by_id', annotations: { readOnlyHint: true } }
/** All ways may try a call this often. */
const ATTEMPTS = 4

export interface Wire {
  sent: number
  /** When each refusal came, in milliseconds since the epoch. */
  readonly refusedAt: number[]
  readonly conn: Pick<McpConn, 'callTool'>
}

export type Way = (wire: Wire, options?: { readonly store?: GateStore; readonly account?: string }) => Read
export type Read = (id: string) => Promise<boolean>

/** Counts what passes. */
export function wireOver(conn: Pick<McpConn, 'callTool'>): Wire {
  const wire: Wire = {
    sent: 0,
    refusedAt: [],
    conn: {
      async callTool(request, options) {
        wire.sent += 1
        const result = await conn.callTool(request, options)
        if (isLimited(result)) wire.refusedAt.push(Date.now())
        return result
      },
    },
  }
  return wire
}

/** Our gate, with every default. */
export const gate: Way = (wire, { store, account = 'acc' } = {}) => {
  const own = new RateGate(store ? { store } : {})
  return async (id) => (await callTool(wire.conn, TOOL, { id }, { account, gate: own })).ok
}

/** The requirement guide's decorator, line for line: the sleep after the last attempt included. */
export const decorator: Way = (wire) => async (id) => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const result = await wire.conn.callTool({ name: TOOL.name, arguments: { id } })
    if (!isLimited(result)) return result.isError !== true
    const reset = resetOf(result) ?? 2
    await sleep((Math.min(reset, 30) + Math.random()) * 1000)
  }
  return false
}

/** LangChain's retry middleware around a tool that fails the way the MCP adapters let it fail: a sentence. */
export const toolRetry: Way = (wire) => {
  const middleware = toolRetryMiddleware({ maxRetries: ATTEMPTS - 1 })
  const { wrapToolCall } = middleware
  if (typeof wrapToolCall !== 'function') throw new Error('Cannot measure: the middleware wraps no tool calls')
  return async (id) => {
    const toolCall = { name: TOOL.name, args: { id }, id: `c${id}`, type: 'tool_call' as const }
    const request = { toolCall, tool: undefined, state: { messages: [] }, runtime: {} }
    const message: unknown = await wrapToolCall(request as never, async () => {
      const result = await wire.conn.callTool({ name: TOOL.name, arguments: { id } })
      if (result.isError === true) throw new Error(textOf(result))
      return new ToolMessage({ content: textOf(result), tool_call_id: toolCall.id })
    })
    return ToolMessage.isInstance(message) && message.status !== 'error'
  }
}

/** Exponential backoff as people write it: three retries from one second on, doubled, with a random factor. */
export const exponential: Way = (wire) => async (id) => {
  const attempt = async () => {
    const result = await wire.conn.callTool({ name: TOOL.name, arguments: { id } })
    if (result.isError === true) throw new Error(textOf(result))
  }
  try {
    await pRetry(attempt, { retries: ATTEMPTS - 1, randomize: true })
    return true
  } catch {
    return false
  }
}

function textOf(result: McpResult): string {
  const [block] = result.content ?? []
  const text: unknown = typeof block === 'object' && block !== null ? Reflect.get(block, 'text') : undefined
  return typeof text === 'string' ? text : ''
}

function isLimited(result: McpResult): boolean {
  return result.isError === true && textOf(result).includes('"rate_limited"')
}

function resetOf(result: McpResult): number | undefined {
  const seconds = Number(/"retry_after_s":(\d+)/.exec(textOf(result))?.[1] ?? Number.NaN)
  return Number.isNaN(seconds) ? undefined : seconds
}
