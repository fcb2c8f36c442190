/** @module Good answers state what agents may use, so that a gate knows it from the first answer on. */

import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'

let testbed: Testbed
let url: string
beforeAll(async () => {
  testbed = await openTestbed({})
  url = (await testbed.issue('hubspot', { methods: ['read', 'search'] })).url
})
afterAll(() => testbed.close())

async function headersOf(tool: string): Promise<Headers> {
  const response = await fetch(`${url}/tools/${tool}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testbed.server.adminToken}`, 'content-type': 'application/json' },
    body: '{"limit":"1"}',
  })
  expect(response.status).toBe(200)
  return response.headers
}

test('answers state nine tenths of what the system states', async () => {
  const headers = await headersOf('list_all_hub_spot_contacts')
  expect(headers.get('ratelimit-policy')).toContain('"ten-secondly";q=99;w=10')
  const [, left] = /"ten-secondly";r=(\d+)/.exec(headers.get('ratelimit') ?? '') ?? []
  expect(Number(left)).toBeLessThan(99)
  expect(Number(left)).toBeGreaterThan(80)
})

test('a quota of which the system says nothing is stated as it is counted here', async () => {
  const headers = await headersOf('search_hub_spot_contacts')
  expect(headers.get('ratelimit-policy')).toContain('"secondly";q=4;w=1')
})
