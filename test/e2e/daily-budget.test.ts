/** @module An agent that runs in circles stops at its URL's daily budget, and so does what it derives. */

import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
})
afterAll(() => testbed.close())

const LIST = 'list_all_hub_spot_stages'

test('a loop over a URL and one derived from it ends at the budget of the first, with a typed error', async () => {
  const { url } = await testbed.issue('hubspot', { methods: ['list'], max_calls_per_day: 10 })
  const narrowed = await fetch(`${url}/narrow`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testbed.server.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'sub-agent', config: { max_calls_per_day: 1_000 } }),
  })
  const below = ((await narrowed.json()) as { url: string }).url
  const seen = () => Object.values(testbed.control('hubspot').counters().requests).reduce((sum, one) => sum + one, 0)
  const before = seen()
  const codes: (string | undefined)[] = []
  for (let turn = 0; turn < 12; turn++) {
    const { value } = await testbed.call(turn % 2 === 0 ? url : below, LIST)
    codes.push((value['error'] as { code: string } | undefined)?.code)
  }
  expect(codes).toEqual([...Array(10).fill(undefined), 'rate_limited', 'rate_limited'])
  expect(seen() - before).toBe(10)
  const { answer, value } = await testbed.call(below, LIST)
  expect(value['error']).toMatchObject({ status: 429, retry_after_s: expect.any(Number) })
  expect((value['error'] as { message: string }).message).toContain('10 calls a day')
  expect(Number(answer.headers.get('retry-after') ?? 1)).toBeLessThanOrEqual(86_400)
})
