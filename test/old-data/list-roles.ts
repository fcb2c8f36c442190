/**
 * @module
 * What a model is shown of each role's tools, and what that costs.
 */

import { openTestbed } from '@quartermaster/testing/testbed'
import { roles } from '@quartermaster/toolsets'
import { tokenCost } from 'quartermaster'

export interface ListedRole {
  /** In tokens of o200k. */
  readonly tokens: number
  /** The answer to `tools/list`, as it was sent: nothing in it varies from one server to the next. */
  readonly answer: string
}

/** For each system of the sandbox and each of the three roles. */
export async function listRoles(): Promise<Readonly<Record<string, ListedRole>>> {
  const testbed = await openTestbed()
  try {
    const listed: Record<string, ListedRole> = {}
    for (const system of Object.keys(testbed.accounts)) {
      for (const { name, spec } of [roles.sales, roles.support, roles.analytics]) {
        const { url } = await testbed.issue(system, spec)
        const { text, body } = await testbed.rpc(url, 'tools/list')
        const tools = (body.result?.tools ?? []).map((tool) => ({ ...tool, inputSchema: { ...tool.inputSchema } }))
        listed[`${system} ${name}`] = { tokens: tokenCost(tools), answer: text }
      }
    }
    return listed
  } finally {
    await testbed.close()
  }
}
