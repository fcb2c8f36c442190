/**
 * @module
 * Has one URL say everything that it can be made to say: every tool, every page, one record of each kind, every
 * argument wrong in every way, every failure of the system.
 */

import type { Testbed } from '@quartermaster/testing/testbed'
import type { Canary } from './canary.ts'
import type { Transport } from './transport.ts'
import { type ListedTool, listTools, rpc } from './transports.ts'

export interface Swept {
  /** What successful answers said. */
  readonly shown: string
  /** What refusals and failures said, with their headers. */
  readonly refused: string
  readonly calls: number
  /** How often each failure code came. */
  readonly codes: Readonly<Record<string, number>>
}

export interface SweepOptions {
  readonly system: string
  /** A fresh URL of the role: each has a limit of its own, and what that refuses proves nothing. */
  readonly issue: () => Promise<string>
  readonly transport: Transport
  /** What is planted goes into the arguments of reads, where it could be found by asking for it. */
  readonly planted: readonly Canary[]
  /** What is planted nowhere goes into all others: a role may read what it has written into a field it may read. */
  readonly spoken: readonly Canary[]
  readonly pages: number
  /** Every failure and every wrong argument at every tool; else at one tool of each resource. */
  readonly thorough: boolean
}

const faults = [
  { kind: 'rate_limit' },
  { kind: 'rate_limit', retryAfterS: 3 },
  { kind: 'daily_limit', times: 1 },
  { kind: 'server_error' },
  { kind: 'server_error', status: 503 },
  { kind: 'html_error' },
  { kind: 'html_error', status: 200 },
  { kind: 'truncated_json' },
  { kind: 'dropped_response' },
] as const

export async function sweep(testbed: Testbed, options: SweepOptions): Promise<Swept> {
  const { transport, system, planted, spoken, pages, thorough } = options
  let url = await options.issue()
  const [shown, refused]: [string[], string[]] = [[], []]
  const codes: Record<string, number> = {}
  let calls = 0
  const call = async (tool: string, args: unknown) => {
    calls += 1
    const answer = await transport.call(url, testbed.server.adminToken, tool, args)
    ;(answer.isError ? refused : shown).push(answer.raw)
    const parsed = parse(answer.text)
    const code = (parsed['error'] as { code?: unknown } | undefined)?.code
    const outcome = answer.isError ? String(code ?? 'protocol') : 'ok'
    codes[outcome] = (codes[outcome] ?? 0) + 1
    return parsed
  }
  const tools = await listTools(url, testbed.server.adminToken)
  shown.push(JSON.stringify(tools))
  const control = testbed.control(system)
  let turn = 0
  const from = (canaries: readonly Canary[]) => () => canaries[turn++ % canaries.length]?.value ?? ''
  const speak = from(spoken)

  const ids = new Map<string, string>()
  for (const tool of tools) {
    if (isWrite(tool)) continue
    url = await options.issue()
    await readAll(tool, pages, ids, call)
  }
  const tested = new Set<string>()
  for (const tool of tools) {
    url = await options.issue()
    const id = ids.get(resourceOf(tool)) ?? 'none'
    if ('id' in tool.inputSchema.properties && !isWrite(tool)) await call(tool.name, { id })
    if (!thorough && tested.has(resourceOf(tool))) continue
    tested.add(resourceOf(tool))
    for (const args of wrongArguments(tool, id, isWrite(tool) ? speak : from(planted), speak))
      await call(tool.name, args)
    for (const fault of faults) {
      control.arm(fault)
      await call(tool.name, plainArguments(tool, id))
      control.clearFaults()
      control.clearWindows()
    }
    control.expireAccessTokens()
    await call(tool.name, plainArguments(tool, id))
  }
  for (const name of [speak(), `${speak()}_x`, '__proto__', 'x'.repeat(200)]) await call(name, { id: speak() })
  refused.push((await rpc(url, testbed.server.adminToken, speak(), { name: speak() })).raw)
  refused.push((await rpc(url, testbed.server.adminToken, 'tools/call', { name: [speak()], arguments: speak() })).raw)
  refused.push((await rpc(url, testbed.server.adminToken, 'prompts/get', { name: speak() })).raw)
  return { shown: shown.join('\n'), refused: refused.join('\n'), calls, codes }
}

async function readAll(
  tool: ListedTool,
  pages: number,
  ids: Map<string, string>,
  call: (tool: string, args: unknown) => Promise<Record<string, unknown>>,
): Promise<void> {
  const { properties, required = [] } = tool.inputSchema
  if (required.some((name) => name !== 'query')) return
  const query = required.includes('query') ? { query: 'e' } : {}
  let cursor: unknown
  for (let page = 0; page < pages; page++) {
    const limit = 'limit' in properties ? { limit: '100' } : {}
    const answer = await call(tool.name, { ...query, ...limit, ...(cursor ? { next_cursor: cursor } : {}) })
    const [first] = (answer['result'] ?? []) as readonly { readonly id?: string }[]
    if (first?.id !== undefined && !ids.has(resourceOf(tool))) ids.set(resourceOf(tool), first.id)
    cursor = answer['next_cursor']
    if (!cursor) return
  }
}

function* wrongArguments(tool: ListedTool, id: string, canary: () => string, speak: () => string): Generator<unknown> {
  const plain = plainArguments(tool, id)
  for (const [name, property] of Object.entries(tool.inputSchema.properties)) {
    yield { ...plain, [name]: canary() }
    yield { ...plain, [name]: { [speak()]: canary() } }
    yield { ...plain, [name]: [canary(), 1] }
    yield { ...plain, [name]: `${canary()}\u0000'"\\%_` }
    if (property.type === 'string') yield { ...plain, [name]: canary().repeat(400) }
  }
  yield { ...plain, [speak()]: canary(), email: canary(), query: canary(), where: `Email = '${canary()}'` }
  yield canary()
  yield [canary()]
}

function plainArguments(tool: ListedTool, id: string): Record<string, unknown> {
  const { properties, required = [] } = tool.inputSchema
  const values = required.map((name): [string, unknown] => {
    const property = properties[name]
    if (name === 'id') return [name, id]
    if (property?.type === 'array') return [name, [id]]
    if (property?.enum) return [name, property.enum[0]]
    if (property?.type !== 'string') return [name, 1]
    return [name, name.endsWith('date') ? '2026-11-30' : name === 'email' ? 'sweep@sweep.example' : 'sweep']
  })
  return Object.fromEntries(values)
}

function factsOf(tool: ListedTool): { readonly resource?: string; readonly kind?: string } {
  const facts = Object.values(tool._meta ?? {}).find(
    (one) => typeof one === 'object' && one !== null && 'resource' in one,
  )
  return (facts ?? {}) as { readonly resource?: string; readonly kind?: string }
}

export function resourceOf(tool: ListedTool): string {
  return factsOf(tool).resource ?? tool.name
}

export function isWrite(tool: ListedTool): boolean {
  return /^(create|update|delete)_/.test(tool.name)
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
