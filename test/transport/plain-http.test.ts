/** @module The tools over plain HTTP: the same answers as over MCP, under their true status. */
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

const TOOL = 'list_all_hub_spot_contacts'
let testbed: Testbed
let url: string
let bearer: { authorization: string }
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
  bearer = { authorization: `Bearer ${testbed.server.adminToken}` }
  url = (await testbed.issue('hubspot', { methods: ['read', 'write'] })).url
})
beforeEach(() => {
  testbed.control('hubspot').clearFaults()
  testbed.control('hubspot').clearWindows()
})
afterAll(() => testbed.close())

async function post(tool: string, args?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/tools/${tool}`, {
    method: 'POST',
    headers: { ...bearer, 'content-type': 'application/json', ...headers },
    ...(args === undefined ? {} : { body: typeof args === 'string' ? args : JSON.stringify(args) }),
  })
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
}

test('GET /mcp/<token>/tools lists what tools/list lists', async () => {
  const response = await fetch(`${url}/tools`, { headers: bearer })
  const { tools } = (await response.json()) as { tools: { name: string }[] }
  const listed = (await testbed.rpc(url, 'tools/list')).body.result?.tools
  expect(tools.map(({ name }) => name)).toEqual(listed?.map(({ name }) => name))
  expect(tools[0]).toMatchObject(
    (({ name, description, inputSchema }) => ({ name, description, inputSchema }))(listed![0]!),
  )
})

test('a call answers with the very envelope that MCP carries', async () => {
  const args = { limit: '3', next_cursor: null }
  const { status, body } = await post(TOOL, args)
  expect(status).toBe(200)
  const { value } = await testbed.call(url, TOOL, args)
  expect(body.result).toEqual(value['result'])
  expect(body.result_count).toBe(3)
  const next = await post(TOOL, { limit: '3', next_cursor: body.next_cursor })
  expect(next.body.result[0].id).not.toBe(body.result[0].id)
  expect((await post(TOOL)).status).toBe(200)
})

test('failures have their own status, and say no more than over MCP', async () => {
  const control = testbed.control('hubspot')
  const GET = 'get_single_hub_spot_contact_by_id'
  const cases: [status: number, code: string, call: () => ReturnType<typeof post>][] = [
    [404, 'unknown_tool', () => post('list_all_salesforce_contacts', {})],
    [404, 'unknown_tool', () => post('__proto__', {})],
    [404, 'not_found', () => post(GET, { id: '999999999' })],
    [400, 'invalid_arguments', () => post(GET, {})],
    [400, 'invalid_arguments', () => post(TOOL, 'canary', { 'content-type': 'application/json' })],
    [400, 'invalid_arguments', () => post(TOOL, '["canary"]')],
    [400, 'invalid_arguments', () => post(TOOL, `${'['.repeat(5_000)}${']'.repeat(5_000)}`)],
    [400, 'invalid_cursor', () => post(TOOL, { next_cursor: 'canary' })],
    [413, 'invalid_arguments', () => post(TOOL, { limit: 'x'.repeat(1_100_000) })],
    [415, 'invalid_arguments', () => post(TOOL, '{}', { 'content-type': 'text/plain' })],
    [
      503,
      'upstream_unavailable',
      () => {
        control.arm({ kind: 'server_error', times: 1, status: 503 })
        return post(TOOL, {})
      },
    ],
    [
      502,
      'upstream_invalid',
      () => {
        control.arm({ kind: 'truncated_json', times: 1 })
        return post(TOOL, {})
      },
    ],
  ]
  for (const [status, code, call] of cases) {
    const answer = await call()
    expect([answer.status, answer.body.error?.code]).toEqual([status, code])
    expect(answer.body.error).toMatchObject({ status, advice: expect.any(String), request_id: /^req_/ })
    expect(JSON.stringify(answer.body)).not.toContain('canary')
  }
})

test('a conflict is 409 and reaches the caller without the other record', async () => {
  const email = 'twice@example.test'
  expect((await post('create_a_hub_spot_contact', { email })).status).toBe(200)
  const again = await post('create_a_hub_spot_contact', { email, last_name: 'Another' })
  expect([again.status, again.body.error.code]).toEqual([409, 'conflict'])
  expect(JSON.stringify(again.body)).not.toContain(email)
})

test('a dry run over plain HTTP changes nothing, and a wish that cannot be read is refused', async () => {
  const { url } = await testbed.issue('hubspot', { methods: ['write'] })
  const create = (headers: Readonly<Record<string, string>>) =>
    fetch(`${url}/tools/create_a_hub_spot_contact`, {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json', ...headers },
      body: '{"email":"dry-http@example.test"}',
    })
  const before = testbed.control('hubspot').counters().requests
  const tried = await create({ 'quartermaster-dry-run': 'true' })
  expect(await tried.json()).toMatchObject({ result: { dry_run: true } })
  expect((await create({ 'quartermaster-dry-run': 'perhaps' })).status).toBe(400)
  expect(testbed.control('hubspot').counters().requests).toEqual(before)
  // The control: without the wish it is made.
  expect((await create({})).status).toBe(200)
  expect(testbed.control('hubspot').counters().requests).not.toEqual(before)
})

test('a read-only URL refuses writes as tools that are not there', async () => {
  const readOnly = await testbed.issue('hubspot', { methods: ['read'] })
  const response = await fetch(`${readOnly.url}/tools/create_a_hub_spot_contact`, {
    method: 'POST',
    headers: { ...bearer, 'content-type': 'application/json' },
    body: '{"email":"a@example.test"}',
  })
  expect([response.status, (await response.json()).error.code]).toEqual([404, 'unknown_tool'])
})

test('a wrong URL and a missing second factor are 401, also here', async () => {
  expect((await post(TOOL, {}, { authorization: '' })).status).toBe(401)
  for (const path of ['/mcp/nothing/tools', `/mcp/${'a'.repeat(28)}/tools/${TOOL}`]) {
    const response = await fetch(testbed.server.url + path, {
      method: path.endsWith('tools') ? 'GET' : 'POST',
      headers: bearer,
    })
    expect(response.status).toBe(401)
  }
})

/** The guide's decorator in TypeScript, word for word where the languages allow it; waiting is recorded. */
async function callWithBackoff(fn: () => Promise<Response>, slept: number[], maxAttempts = 4): Promise<Response> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const resp = await fn()
    if (resp.status !== 429) return resp
    const reset = Number.parseInt(resp.headers.get('ratelimit-reset') ?? '2', 10)
    slept.push(Math.min(reset, 30) + Math.random())
  }
  throw new Error('Rate limit budget exhausted')
}

const request = () =>
  fetch(`${url}/tools/${TOOL}`, {
    method: 'POST',
    headers: { ...bearer, 'content-type': 'application/json' },
    body: '{"limit":"1"}',
  })

test("the guide's decorator sees a true 429 with every header, waits as told, and gets its answer", async () => {
  testbed.control('hubspot').arm({ kind: 'rate_limit', times: 1 })
  const limited = await request()
  expect(limited.status).toBe(429)
  const { error } = (await limited.json()) as { error: { code: string; retry_after_s: number } }
  expect(error).toMatchObject({ code: 'rate_limited', message: expect.stringMatching(/^429 Too Many Requests/) })
  for (const name of ['retry-after', 'ratelimit-reset']) {
    expect(limited.headers.get(name)).toBe(String(error.retry_after_s))
  }
  for (const name of ['ratelimit-limit', 'ratelimit-remaining']) expect(limited.headers.get(name)).toMatch(/^\d+$/)
  expect(limited.headers.get('ratelimit')).toMatch(/^"[a-z-]+";r=\d+/)
  expect(limited.headers.get('ratelimit-policy')).toMatch(/^"[a-z-]+";q=\d+/)

  const slept: number[] = []
  testbed.control('hubspot').arm({ kind: 'rate_limit', times: 2 })
  const answer = await callWithBackoff(request, slept)
  expect([answer.status, slept.length]).toEqual([200, 2])
  expect(slept[0]).toBeGreaterThanOrEqual(Math.min(error.retry_after_s, 30))
  testbed.control('hubspot').arm({ kind: 'rate_limit', times: 9 })
  await expect(callWithBackoff(request, [])).rejects.toThrow('Rate limit budget exhausted')
})

const hasPython = spawnSync('python3', ['--version']).status === 0

// Where everything must hold, a missing Python fails instead.
test.skipIf(!hasPython && !process.env['CI'])(
  "the guide's decorator, run by Python as it is printed, gets its answer after two refusals",
  async () => {
    const python = (times: number) => {
      testbed.control('hubspot').clearFaults()
      testbed.control('hubspot').arm({ kind: 'rate_limit', times })
      const child = spawn('python3', [fileURLToPath(new URL('call_with_backoff.py', import.meta.url))])
      child.stdin.end(JSON.stringify({ url: `${url}/tools/${TOOL}`, ...bearer, arguments: { limit: '1' } }))
      return new Promise<{ status?: number; body?: { result_count: number }; slept: number[]; error?: string }>(
        (resolve, reject) => {
          let [out, err] = ['', '']
          child.stdout.on('data', (chunk) => (out += String(chunk)))
          child.stderr.on('data', (chunk) => (err += String(chunk)))
          child.once('close', () => (out === '' ? reject(new Error(err)) : resolve(JSON.parse(out))))
        },
      )
    }
    const answered = await python(2)
    expect(answered).toMatchObject({ status: 200, body: { result_count: 1 } })
    expect(answered.slept).toHaveLength(2)
    expect(await python(9)).toMatchObject({ error: 'Rate limit budget exhausted', slept: { length: 4 } })
  },
)
