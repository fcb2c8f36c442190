/**
 * @module
 * A role that asks questions, counts what reached the system, and makes answers comparable.
 */
import type { PolicyName } from '@quartermaster/protocol'
import type { Testbed } from '@quartermaster/testing/testbed'
import { isWrite } from './sweep.ts'
import { type ListedTool, listTools, transports } from './transports.ts'

const [mcp] = transports
const CALLS_PER_URL = 150

export type Asker = Awaited<ReturnType<typeof asker>>

/** Calls over fresh URLs of one role, so that no limit of a URL answers in place of the tool. */
export async function asker(testbed: Testbed, system: string, pii: PolicyName) {
  const issue = async () => (await testbed.issue(system, { methods: ['read'], pii })).url
  let url = await issue()
  let left = CALLS_PER_URL
  return {
    tools: (await listTools(url, testbed.server.adminToken)).filter((tool) => !isWrite(tool)),
    async call(tool: string, args: Record<string, unknown>) {
      if (left-- <= 0) [url, left] = [await issue(), CALLS_PER_URL]
      const before = requests(testbed, system)
      const { text, isError } = (await mcp?.call(url, testbed.server.adminToken, tool, args)) ?? {
        text: '',
        isError: true,
      }
      return { text, isError, sent: requests(testbed, system) - before }
    },
  }
}

function requests(testbed: Testbed, system: string): number {
  return Object.values(testbed.control(system).counters().requests).reduce((sum, count) => sum + count, 0)
}

/** Without what differs between any two calls: the request's id, the sealed cursor, and the name that was asked for. */
export function normal(text: string, name: string): string {
  const unsealed = text.replace(/"next_cursor":"[^"]+"/, '"next_cursor":"…"').replace(/req_[0-9A-Za-z]+/, 'req')
  return unsealed.replace(/(Ignored unknown arguments: )([^"]*)/, (_, lead: string, names: string) => {
    return lead + names.replaceAll(name, 'FIELD')
  })
}

export function needs(tool: ListedTool): Record<string, unknown> {
  const { properties, required = [] } = tool.inputSchema
  const wanted = required.map((name) => [name, properties[name]?.enum?.[0] ?? 'zzz-nobody'])
  return { ...Object.fromEntries(wanted), ...('limit' in properties ? { limit: '1' } : {}) }
}

/** Some records as this role sees them. */
export async function someRecords(whole: Asker, resource: string): Promise<readonly unknown[]> {
  const list = whole.tools.find(
    ({ name, _meta }) => name.startsWith('list_all') && JSON.stringify(_meta).includes(`"${resource}"`),
  )
  if (!list) return []
  const { text } = await whole.call(list.name, { limit: '20' })
  return (JSON.parse(text) as { result: readonly unknown[] }).result
}
