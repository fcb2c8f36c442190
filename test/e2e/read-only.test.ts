import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, openHouse } from '../house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

test.each(['hubspot', 'salesforce'])('a read-only URL of %s cannot write, whatever name is called', async (system) => {
  const wide = (await house.issue(system, { methods: ['read', 'write'] })).url
  const narrow = (await house.issue(system, { methods: ['read'] })).url
  const tools = (await house.rpc(wide, 'tools/list')).body.result?.tools ?? []
  const writes = tools.map(({ name }) => name).filter((name) => /^(create|update|delete)_/.test(name))
  expect(writes.length).toBeGreaterThanOrEqual(9)
  const control = house.control(system)
  control.resetCounters()
  for (const name of writes) {
    const { answer, value } = await house.call(narrow, name, {
      id: '1',
      email: 'x@y.example',
      name: 'x',
      last_name: 'x',
    })
    expect([name, answer.body.result?.isError, (value['error'] as { code: string }).code]).toEqual([
      name,
      true,
      'unknown_tool',
    ])
  }
  expect(control.counters().requests).toEqual({})
  // The same names on the wide URL do reach the system, so the refusal above is the URL's.
  await house.call(wide, writes[0] ?? '', { email: 'read-only@test.example', name: 'x', last_name: 'x' })
  expect(Object.keys(control.counters().requests).length).toBeGreaterThan(0)
})

test('a quota that is used up while field names are asked for is refused like any other, after one request', async () => {
  const fresh = await openHouse()
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
