/**
 * @module
 * Lists of tools and introductions pass the inbound limit too, each counted apart from calls, and a refusal is one that
 * the client of its transport survives.
 */

import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSse } from './raw-sse.ts'

const BURST = 3
let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed({ inbound: { ratePerS: 0.01, burst: BURST, atOnce: 2 } })
})
afterAll(() => testbed.close())

const clientInfo = { name: 'test', version: '1' }
const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }
const bearer = () => ({ authorization: `Bearer ${testbed.server.adminToken}` })
const refusal = { code: -32_000, message: expect.stringMatching(/^429 Too Many Requests/) }

async function inTurn<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const done: T[] = []
  for (let n = 0; n < times; n++) done.push(await work())
  return done
}

test.each([
  ['tools/list', {}],
  ['initialize', hello],
])(
  '%s over MCP: a burst passes, the rest is a JSON-RPC error on a 200 that says when to come back',
  async (method, params) => {
    const { url } = await testbed.issue('hubspot')
    const answers = await Promise.all(Array.from({ length: 8 }, () => testbed.rpc(url, method, params)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
    expect(answers.filter(({ body }) => body.result)).toHaveLength(BURST)
    const refused = answers.find(({ body }) => body.error)
    expect(refused?.body).toMatchObject({ id: 1, error: { ...refusal, data: { code: 'rate_limited', status: 429 } } })
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(90)
    // What was asked beside calls has taken nothing from them, nor from the other kind.
    expect((await testbed.call(url, 'list_all_hub_spot_contacts', { limit: '1' })).value).toMatchObject({
      result_count: 1,
    })
    const [other, otherParams] = method === 'initialize' ? ['tools/list', {}] : ['initialize', hello]
    expect((await testbed.rpc(url, other, otherParams)).body.result).toBeDefined()
    // Nor does it end what is open: a ping is not counted.
    expect((await testbed.rpc(url, 'ping')).body.result).toEqual({})
  },
)

test('over SSE the refusal is on the stream, and the session goes on', async () => {
  const { url } = await testbed.issue('hubspot')
  const stream = await openSse(url, bearer())
  try {
    let id = 0
    expect((await stream.ask(++id, 'initialize', hello)).result).toBeDefined()
    const lists = await inTurn(BURST + 1, () => stream.ask(++id, 'tools/list'))
    expect(lists.map(({ error }) => error !== undefined)).toEqual([false, false, false, true])
    expect(lists.at(-1)?.error).toMatchObject(refusal)
    expect((await stream.ask(++id, 'ping')).result).toEqual({})
  } finally {
    stream.close()
  }
})

test('GET /mcp/<token>/tools answers 429 as a call does, out of the same count as lists over MCP', async () => {
  const { url } = await testbed.issue('hubspot')
  await inTurn(BURST, () => testbed.rpc(url, 'tools/list'))
  const response = await fetch(`${url}/tools`, { headers: bearer() })
  expect([response.status, response.headers.get('ratelimit-remaining')]).toEqual([429, '0'])
  expect(await response.json()).toMatchObject({ error: { code: 'rate_limited', retry_after_s: expect.any(Number) } })
})

test('GET /integrated-account/:id/tools is limited for each token', async () => {
  const path = `/integrated-account/${testbed.accounts['hubspot']}/tools`
  const issued = await testbed.admin('POST', '/api-token', { name: 'other', tenant: 'acme', scopes: ['admin'] })
  const other = String((issued.body as { token: string }).token)
  const statuses = await inTurn(BURST + 1, async () => (await testbed.admin('GET', path)).status)
  expect(statuses).toEqual([200, 200, 200, 429])
  expect((await testbed.admin('GET', path)).body).toMatchObject({ status: 429, title: 'Too many requests' })
  expect((await testbed.admin('GET', path, undefined, other)).status).toBe(200)
})

test('lists of all URLs of a tenant together are limited too', async () => {
  const own = await openTestbed({ inbound: { ratePerS: 10, burst: 10, tenant: { ratePerS: 0.01, burst: 4 } } })
  try {
    const urls = [await own.issue('hubspot'), await own.issue('hubspot')]
    const answers = await Promise.all(urls.flatMap(({ url }) => [1, 2, 3].map(() => own.rpc(url, 'tools/list'))))
    expect(answers.filter(({ body }) => body.result)).toHaveLength(4)
  } finally {
    await own.close()
  }
})
