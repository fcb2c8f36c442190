/**
 * @module
 * What a role's agent can write: whatever it sends, no field but those of the role's list reaches the system. Compared
 * with the catalog, so a new field is not writable until somebody puts it on the list.
 */
import { loadCatalog } from '@quartermaster/connectors'
import { isWritable, type McpServerConfigInput } from '@quartermaster/protocol'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { roles } from '@quartermaster/toolsets'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
})
afterAll(() => testbed.close())

const catalog = loadCatalog()

/** The fields that a URL's writing tools take, as `contact.title`. */
async function fields(system: string, config: McpServerConfigInput): Promise<readonly string[]> {
  const { url } = await testbed.issue(system, config)
  const { tools = [] } = (await testbed.rpc(url, 'tools/list')).body.result ?? {}
  return tools.flatMap(({ name, inputSchema }) => {
    const method = catalog.get(system)?.methods.find(({ tool }) => tool?.name === name)
    if (!method || !['create', 'update'].includes(method.kind)) return []
    const names = Object.keys(inputSchema.properties).filter((field) => field !== 'id')
    return names.map((field) => `${method.resource}.${field}`)
  })
}

const isListed = (config: McpServerConfigInput) => (field: string) => {
  const [resource = '', name = ''] = field.split('.')
  return isWritable(config, resource, name)
}

describe.each([
  ['hubspot', 'hub_spot'],
  ['salesforce', 'salesforce'],
])('%s', (system, prefix) => {
  test.each(['sales', 'support'] as const)("%s's tools take the fields of its list and no others", async (role) => {
    const { spec } = roles[role]
    const { writable: _, ...unlisted } = spec
    const [listed, open] = await Promise.all([fields(system, spec), fields(system, { ...unlisted, max_tokens: 9_000 })])
    expect(listed.length).toBeGreaterThan(5)
    expect(listed.filter((field) => !isListed(spec)(field))).toEqual([])
    // The control: without the list there are others, and no tool is gone because of it.
    expect(open.filter((field) => !isListed(spec)(field)).length).toBeGreaterThan(1)
    expect(new Set(listed.map((field) => field.split('.')[0]))).toEqual(
      new Set(open.map((field) => field.split('.')[0])),
    )
  })

  test('a field that is not on the list is not written, though it is sent', async () => {
    const { url } = await testbed.issue(system, roles.sales.spec)
    const search = await testbed.call(url, `search_${prefix}_contacts`, { limit: '1' })
    const [before] = search.value['result'] as readonly Record<string, unknown>[]
    const sent = {
      id: before?.['id'],
      title: 'Keeper',
      last_name: 'Renamed',
      email: 'elsewhere@mal.example',
      owner_id: '1',
    }
    const { value } = await testbed.call(url, `update_a_${prefix}_contact_by_id`, sent)
    expect(value['notes']).toEqual(expect.arrayContaining(['Ignored unknown arguments: last_name, email, owner_id.']))
    const read = await testbed.call(url, `get_single_${prefix}_contact_by_id`, { id: before?.['id'] })
    expect(read.value['result']).toMatchObject({ title: 'Keeper', last_name: before?.['last_name'] })
    expect(JSON.stringify(read.value)).not.toContain('elsewhere@mal.example')
  })
})
