import { isRead } from '@quartermaster/protocol'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { catalog } from '../canaries/questions.ts'
import { transportsOf } from '../canaries/transports.ts'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed()
})
afterAll(() => testbed.close())

/** Every tool of the catalog that changes something, documented or hidden for want of a scope. */
function writingTools(system: string): readonly string[] {
  const methods = catalog.get(system)?.methods ?? []
  return methods.flatMap(({ kind, tool }) => (tool && !isRead(kind) ? [tool.name] : []))
}

const args = { id: '1', email: 'x@y.example', name: 'x', last_name: 'x', stage_id: 'x', close_date: '2026-11-30' }

test.each([...catalog.keys()])('a read-only URL of %s cannot write, whatever name is called', async (system) => {
  const wide = (await testbed.issue(system, { methods: ['read', 'write', 'custom'] })).url
  const narrow = (await testbed.issue(system, { methods: ['read'] })).url
  const listed = async (url: string) =>
    (await testbed.rpc(url, 'tools/list')).body.result?.tools?.map(({ name }) => name) ?? []
  const [wideNames, narrowNames] = await Promise.all([listed(wide), listed(narrow)])
  const writes = [...new Set([...writingTools(system), ...wideNames.filter((name) => !narrowNames.includes(name))])]
  expect(writes.length).toBeGreaterThanOrEqual(9)
  expect(narrowNames.filter((name) => writes.includes(name))).toEqual([])
  const there = await transportsOf(narrow, testbed.server.adminToken)
  const control = testbed.control(system)
  control.resetCounters()
  const suggestions = / Similar names: [a-z0-9_, ]+\./
  for (const transport of there) {
    const refusal = async (name: string) => {
      const { text, isError } = await transport.call(narrow, testbed.server.adminToken, name, args)
      const own = suggestions.exec(text)?.[0] ?? ''
      // What is suggested are the caller's own tools, never the one that another role has.
      expect(own.match(/[a-z0-9_]{8,}/g)?.filter((word) => !narrowNames.includes(word)) ?? []).toEqual([])
      return { isError, text: text.replace(suggestions, '').replace(/req_[0-9A-Za-z]+/, 'req') }
    }
    const unknown = await refusal('create_a_thing_that_never_was')
    expect(unknown).toMatchObject({ isError: true, text: expect.stringContaining('"code":"unknown_tool"') })
    for (const name of writes)
      expect([transport.name, name, await refusal(name)]).toEqual([transport.name, name, unknown])
  }
  expect(control.counters().requests).toEqual({})
  // The same names on the wide URL do reach the system, so the refusals above are the URL's.
  const [create] = wideNames.filter((name) => name.startsWith('create_'))
  await testbed.call(wide, create ?? '', { ...args, id: undefined, email: 'read-only@test.example' })
  expect(Object.keys(control.counters().requests).length).toBeGreaterThan(0)
})

test('a quota that is used up while field names are asked for is refused like any other, after one request', async () => {
  const fresh = await openTestbed()
  try {
    const { url } = await fresh.issue('hubspot')
    const control = fresh.control('hubspot')
    control.resetCounters()
    control.arm({ kind: 'rate_limit', times: 5, retryAfterS: 4 })
    const { value } = await fresh.call(url, 'list_all_hub_spot_contacts', { limit: '1' })
    expect(value['error']).toMatchObject({ code: 'rate_limited', retry_after_s: 4 })
    expect(control.counters().rateLimited).toBe(1)
  } finally {
    await fresh.close()
  }
})
