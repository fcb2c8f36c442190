/**
 * @module
 * Writes as the tests make them: a call, what came of it, and how many writes the system saw.
 */
import type { McpServerConfigInput } from '@quartermaster/protocol'
import type { Testbed } from '@quartermaster/testing/testbed'

export interface Value {
  readonly result: Record<string, unknown>
  readonly notes?: readonly string[]
  readonly error: {
    readonly code: string
    readonly message: string
    readonly approval?: {
      readonly handle: string
      readonly action: string
      readonly approved_by: string
      readonly changes: readonly { readonly field: string; readonly from?: unknown; readonly to?: unknown }[]
    }
  }
}

export const KEY = 'quartermaster/idempotency-key'
export const DRY = 'quartermaster/dry-run'
export const APPROVAL = 'quartermaster/approval'
export const systems = [
  {
    system: 'hubspot',
    create: 'create_a_hub_spot_contact',
    update: 'update_a_hub_spot_contact_by_id',
    get: 'get_single_hub_spot_contact_by_id',
    list: 'list_all_hub_spot_contacts',
    remove: 'delete_a_hub_spot_contact_by_id',
  },
  {
    system: 'salesforce',
    create: 'create_a_salesforce_contact',
    update: 'update_a_salesforce_contact_by_id',
    get: 'get_single_salesforce_contact_by_id',
    list: 'list_all_salesforce_contacts',
    remove: 'delete_a_salesforce_contact_by_id',
  },
] as const

/** @param testbed Asked at every call, because tests open theirs late. */
export function writeCalls(testbed: () => Testbed) {
  async function write(
    url: string,
    name: string,
    args: object,
    meta: object = {},
    headers: Record<string, string> = {},
  ) {
    const answer = await testbed().rpc(url, 'tools/call', { name, arguments: args, _meta: meta }, headers)
    const text = answer.body.result?.content?.[0]?.text ?? '{}'
    return JSON.parse(text) as Value
  }

  async function issue(system: string, config: McpServerConfigInput = { methods: ['read', 'write'] }) {
    return (await testbed().issue(system, config)).url
  }

  /** Requests that the system saw and that may have changed something. */
  function writesSeen(system: string): number {
    const { requests } = testbed().control(system).counters()
    return Object.entries(requests).reduce(
      (sum, [name, count]) => (/^(POST|PATCH|PUT|DELETE)/.test(name) && !name.includes('search') ? sum + count : sum),
      0,
    )
  }

  async function firstContact(url: string, list: string): Promise<string> {
    const { value } = await testbed().call(url, list, { limit: '1' })
    const [first] = value['result'] as readonly { readonly id: string }[]
    if (!first) throw new Error('the system has no contacts')
    return first.id
  }

  return { write, issue, writesSeen, firstContact }
}
