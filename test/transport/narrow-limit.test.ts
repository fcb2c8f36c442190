/** @module Narrowing a URL passes the same gate as calling its tools, and is refused in the same words. */

import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'

const BURST = 3
let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed({ inbound: { ratePerS: 0.01, burst: BURST } })
})
afterAll(() => testbed.close())

async function post(url: string, path: string, body: string) {
  const response = await fetch(`${url}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testbed.server.adminToken}`, 'content-type': 'application/json' },
    body,
  })
  const { headers, status } = response
  const named = [
    'content-type',
    'retry-after',
    'ratelimit-limit',
    'ratelimit-remaining',
    'ratelimit',
    'ratelimit-policy',
  ]
  const said = Object.fromEntries(named.map((name) => [name, headers.get(name)]))
  return { status, said, body: JSON.parse(await response.text()) as { readonly error?: Record<string, unknown> } }
}

const call = (url: string) => post(url, 'tools/list_all_hub_spot_contacts', '{"limit":"1"}')
const narrow = (url: string, body = '{"config":{"expires_in_s":1}}') => post(url, 'narrow', body)

test('POST /mcp/<token>/narrow shares the limit of the URL with calls, and answers their 429', async () => {
  const { url, id } = await testbed.issue('hubspot')
  const statuses = [(await narrow(url)).status, (await call(url)).status, (await narrow(url)).status]
  expect(statuses).toEqual([201, 200, 201])
  const [refused, called] = [await narrow(url), await call(url)]
  expect(refused).toMatchObject({
    status: 429,
    said: { 'content-type': 'application/json', 'ratelimit-remaining': '0', 'ratelimit-limit': String(BURST) },
    body: { error: { code: 'rate_limited', status: 429, message: /^429 Too Many Requests/ } },
  })
  expect(Number(refused.said['retry-after'])).toBeGreaterThan(90)
  expect(refused.body.error?.['retry_after_s']).toBe(Number(refused.said['retry-after']))
  const words = ({ status, said, body }: typeof refused) => ({
    status,
    headers: Object.keys(said).filter((name) => said[name] !== null),
    error: Object.keys(body.error ?? {}),
    code: body.error?.['code'],
  })
  expect(words(refused)).toEqual(words(called))
  // It is refused before its body is read, and another URL of the tenant feels nothing.
  expect((await narrow(url, '{')).status).toBe(429)
  expect((await narrow((await testbed.issue('hubspot')).url)).status).toBe(201)
  const { body } = await testbed.admin('GET', '/audit?tenant=acme&after=0&limit=1000')
  const rows = (body as { readonly result: readonly Record<string, unknown>[] }).result
  const mine = rows.filter(({ tool, subject }) => tool === 'url.narrowed' && subject === id)
  expect(mine.map(({ outcome }) => outcome).filter((outcome) => outcome === 'rate_limited')).toHaveLength(1)
})
