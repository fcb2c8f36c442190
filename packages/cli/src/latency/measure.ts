/**
 * @module
 * Calls the read-only tools of a connection one after the other and times each call, as an agent would feel it: from the
 * request to the parsed result, without any wait of ours in between.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { McpConn, McpTool } from '@quartermaster/client'
import { TOOL_META } from '@quartermaster/protocol'

export interface ToolLatency {
  readonly tool: string
  /** Calls that were answered with a result. */
  readonly calls: number
  /** Milliseconds. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
  /** Why there are fewer calls than asked for: the first failure's code. */
  readonly failed?: string
}

export interface MeasureOptions {
  /** For each tool. */
  readonly calls: number
  /** Only this tool. */
  readonly tool?: string
  /** Milliseconds, monotonic. */
  readonly now?: () => number
  readonly sleep?: (ms: number) => Promise<void>
  readonly onTool?: (tool: string) => void
}

interface Fault {
  readonly code: string
  readonly retryAfterS: number
}

/** The guide's hard limit for one call. */
const TIMEOUT_MS = 10_000
/** A quota that is used up is waited for so often, each time at most so long; waits are not timed. */
const MAX_WAITS = 3
const LONGEST_WAIT_S = 30
/** Arguments a read-only tool may need that can be had from a list. */
const LIST_LIMIT = '10'

/**
 * Measures every read-only tool that can be called without knowing the account: lists and searches by themselves, tools that
 * need an `id` with one that a list has named. A tool that does not say it only reads is never called.
 *
 * @throws Error when no tool can be measured.
 */
export async function measure(conn: McpConn, options: MeasureOptions): Promise<readonly ToolLatency[]> {
  const { tool: wanted, onTool } = options
  const offered = await conn.listTools()
  const reads = offered.filter(({ annotations }) => annotations?.readOnlyHint === true)
  if (wanted !== undefined && !reads.some(({ name }) => name === wanted)) {
    const exists = offered.some(({ name }) => name === wanted)
    throw new Error(
      exists
        ? `Cannot measure ${wanted}: it writes, and only tools that read are called`
        : `Cannot measure ${wanted}: there is no such tool. There are: ${reads.map(({ name }) => name).join(', ')}`,
    )
  }
  const measured: ToolLatency[] = []
  for (const tool of reads) {
    if (wanted !== undefined && tool.name !== wanted) continue
    const args = await argumentsFor(conn, tool, reads)
    if (!args) continue
    onTool?.(tool.name)
    measured.push(await measureOne(conn, tool, args, options))
  }
  if (measured.length === 0) {
    throw new Error('Cannot measure: no tool behind the URL reads without arguments that only its user can know')
  }
  return measured
}

async function measureOne(
  conn: McpConn,
  tool: McpTool,
  args: Readonly<Record<string, unknown>>,
  { calls, now = () => performance.now(), sleep = (ms) => delay(ms) }: MeasureOptions,
): Promise<ToolLatency> {
  const times: number[] = []
  let failed: string | undefined
  let waits = 0
  // The first call of a tool may read the account's custom fields; agents pay that once, not with each call.
  for (let nth = -1; nth < calls && failed === undefined; nth += 1) {
    const started = now()
    const fault = await fails(conn, tool.name, args)
    const ms = now() - started
    if (!fault) {
      if (nth >= 0) times.push(ms)
      continue
    }
    if (fault.code !== 'rate_limited' || waits >= MAX_WAITS || fault.retryAfterS > LONGEST_WAIT_S) failed = fault.code
    else {
      waits += 1
      nth -= 1
      await sleep(fault.retryAfterS * 1000)
    }
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => round(times[Math.max(0, Math.ceil(times.length * share) - 1)] ?? 0)
  return {
    tool: tool.name,
    calls: times.length,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
    ...(failed === undefined ? {} : { failed }),
  }
}

/** Why the call failed; undefined when it did not. */
async function fails(conn: McpConn, name: string, args: Readonly<Record<string, unknown>>): Promise<Fault | undefined> {
  try {
    const { isError, content } = await conn.callTool({ name, arguments: args }, { timeoutMs: TIMEOUT_MS })
    if (isError !== true) return undefined
    const error = Object(Reflect.get(Object(parsed(content)), 'error'))
    const code: unknown = Reflect.get(error, 'code')
    const seconds: unknown = Reflect.get(error, 'retry_after_s')
    return {
      code: typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? code : 'tool_error',
      retryAfterS: typeof seconds === 'number' ? seconds : 2,
    }
  } catch {
    return { code: 'no_answer', retryAfterS: 0 }
  }
}

/** Undefined when the tool needs something that cannot be had from a list. */
async function argumentsFor(
  conn: McpConn,
  tool: McpTool,
  reads: readonly McpTool[],
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { required: named, properties } = tool.inputSchema
  const required = Array.isArray(named) ? named : []
  const takesLimit = typeof properties === 'object' && properties !== null && 'limit' in properties
  if (required.length === 0) return takesLimit ? { limit: LIST_LIMIT } : {}
  if (required.length > 1 || required[0] !== 'id') return undefined
  const list = reads.find((other) => resourceOf(other) === resourceOf(tool) && kindOf(other) === 'list')
  if (!list) return undefined
  try {
    const { content } = await conn.callTool({ name: list.name, arguments: { limit: '1' } }, { timeoutMs: TIMEOUT_MS })
    const records: unknown = Reflect.get(Object(parsed(content)), 'result')
    const id: unknown = Array.isArray(records) ? Reflect.get(Object(records[0]), 'id') : undefined
    return typeof id === 'string' ? { id } : undefined
  } catch {
    return undefined
  }
}

function parsed(content: readonly unknown[] | undefined): unknown {
  const text: unknown = Reflect.get(Object(content?.[0]), 'text')
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

function factOf(tool: McpTool, fact: string): unknown {
  return Reflect.get(Object(tool._meta?.[TOOL_META]), fact)
}

function resourceOf(tool: McpTool): unknown {
  return factOf(tool, 'resource') ?? tool.name
}

function kindOf(tool: McpTool): unknown {
  return factOf(tool, 'kind')
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
