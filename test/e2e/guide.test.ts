import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed()
})
afterAll(() => testbed.close())

test("the guide's curl makes a read-only URL: 201 with url and token, shown once", async () => {
  const body = {
    name: 'CRM Read-Only Agent',
    config: { methods: ['read'], tags: ['crm'], require_api_token_auth: true },
  }
  const path = `/integrated-account/${testbed.accounts['hubspot']}/mcp`
  const made = await testbed.admin('POST', path, body)
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({ name: 'CRM Read-Only Agent', config: body.config })
  const { url, token } = made.body as { url: string; token: string }
  expect(url).toBe(`${testbed.server.url}/mcp/${token}`)
  const listed = await testbed.admin('GET', path)
  expect(JSON.stringify(listed.body)).not.toContain(token)

  const { body: answer } = await testbed.rpc(url, 'tools/list')
  const names = answer.result?.tools?.map(({ name }) => name) ?? []
  expect(names).toContain('list_all_hub_spot_contacts')
  expect(names.filter((name) => /^(create|update|delete)_/.test(name))).toEqual([])
})

test("the guide's three tool definitions come out as it prints them", async () => {
  const all = { methods: ['read', 'write'] }
  // Without the fields that only this portal has.
  const guided = ['first_name', 'last_name', 'email', 'phone', 'company'].map((field) => `contact.${field}`)
  const [hubspot, salesforce] = await Promise.all([
    testbed.issue('hubspot', { ...all, writable: guided }),
    testbed.issue('salesforce', all),
  ])
  const tools = async (url: string) => (await testbed.rpc(url, 'tools/list')).body.result?.tools ?? []
  const find = (list: Awaited<ReturnType<typeof tools>>, name: string) => {
    const tool = list.find((candidate) => candidate.name === name)
    return tool && { name: tool.name, description: tool.description, inputSchema: tool.inputSchema }
  }
  const [inHubspot, inSalesforce] = [await tools(hubspot.url), await tools(salesforce.url)]
  expect(find(inHubspot, 'list_all_hub_spot_contacts')).toEqual({
    name: 'list_all_hub_spot_contacts',
    description:
      'List all contacts from HubSpot CRM. Returns paginated results including name, email, phone numbers, and custom properties.',
    inputSchema: {
      type: 'object',
      properties: {
        limit: { type: 'string', description: 'The number of records to fetch' },
        next_cursor: {
          type: 'string',
          description:
            'The cursor to fetch the next set of records. Always send back exactly the cursor value you received (nextCursor) without decoding, modifying, or parsing it.',
        },
      },
    },
  })
  expect(find(inSalesforce, 'get_single_salesforce_contact_by_id')).toEqual({
    name: 'get_single_salesforce_contact_by_id',
    description:
      'Retrieve a single Salesforce contact by ID. Returns all standard and custom fields for the contact record.',
    inputSchema: {
      type: 'object',
      properties: { id: { type: 'string', description: 'The id of the contact to get. Required.' } },
      required: ['id'],
    },
  })
  expect(find(inHubspot, 'create_a_hub_spot_contact')).toEqual({
    name: 'create_a_hub_spot_contact',
    description: 'Create a new contact in HubSpot CRM.',
    inputSchema: {
      type: 'object',
      properties: {
        first_name: { type: 'string', description: 'Contact first name' },
        last_name: { type: 'string', description: 'Contact last name' },
        email: { type: 'string', description: 'Primary email address' },
        phone: { type: 'string', description: 'Phone number' },
        company: { type: 'string', description: 'Company name' },
      },
      required: ['email'],
    },
  })
})

test("the guide's fetch_all_contacts reads every contact of both systems, page by page", async () => {
  for (const [system, tool] of [
    ['hubspot', 'list_all_hub_spot_contacts'],
    ['salesforce', 'list_all_salesforce_contacts'],
  ] as const) {
    const { url } = await testbed.issue(system)
    const ids: string[] = []
    let cursor: unknown
    for (let page = 0; page < 10; page++) {
      const { value } = await testbed.call(url, tool, { limit: '100', ...(cursor ? { next_cursor: cursor } : {}) })
      const { result, next_cursor, result_count } = value as {
        result: { id: string }[]
        next_cursor: string | null
        result_count: number
      }
      expect(result_count).toBe(result.length)
      ids.push(...result.map(({ id }) => id))
      cursor = next_cursor
      if (!cursor) break
    }
    expect(new Set(ids).size).toBe(ids.length)
    const type = system === 'hubspot' ? 'contacts' : 'Contact'
    expect(ids.length).toBe(testbed.control(system).records(type)?.length)
    expect(ids.length).toBeGreaterThanOrEqual(500)
  }
})

test('a refused quota reaches the caller at once, with the wait in text, _meta and headers, and is never retried here', async () => {
  for (const [system, tool, status] of [
    ['hubspot', 'list_all_hub_spot_opportunities', '429'],
    ['salesforce', 'list_all_salesforce_opportunities', '403'],
  ] as const) {
    const { url } = await testbed.issue(system)
    const control = testbed.control(system)
    control.resetCounters()
    control.arm({ kind: 'rate_limit', times: 1 })
    const { answer, value } = await testbed.call(url, tool, {})
    control.clearFaults()
    expect(answer.status).toBe(200)
    expect(answer.body.result?.isError).toBe(true)
    expect(value['error']).toMatchObject({ code: 'rate_limited', status: 429, message: /^429 Too Many Requests/ })
    const { retry_after_s } = value['error'] as { retry_after_s: number }
    expect(retry_after_s).toBeGreaterThan(0)
    expect(answer.body.result?._meta?.['quartermaster/ratelimit']).toMatchObject({
      status: 429,
      retryAfterMs: retry_after_s * 1000,
    })
    expect(answer.headers.get('retry-after')).toBe(String(retry_after_s))
    expect(answer.headers.get('ratelimit-reset')).toBe(String(retry_after_s))
    expect(answer.headers.get('ratelimit-limit')).toMatch(/^\d+$/)
    expect(answer.headers.get('ratelimit-remaining')).toMatch(/^\d+$/)
    expect(answer.headers.get('ratelimit')).toMatch(/^"[a-z-]+";r=\d+/)
    // The one request that was refused, as the vendor counts it: nothing was repeated.
    expect(control.counters().responses).toEqual({ [status]: 1 })
  }
})

test('the audit names who did what and when, and holds nothing of what was said', async () => {
  const { url } = await testbed.issue('hubspot')
  await testbed.call(url, 'search_hub_spot_contacts', { query: 'canary-in-arguments' })
  const { body } = await testbed.admin('GET', '/audit')
  const entries = (body as { result: Record<string, unknown>[] }).result
  expect(entries.at(-1)).toMatchObject({
    tool: 'search_hub_spot_contacts',
    phase: 'outcome',
    outcome: 'ok',
    tenant: 'acme',
  })
  expect(JSON.stringify(entries)).not.toContain('canary-in-arguments')
  expect(testbed.logs.join('\n')).not.toContain('canary-in-arguments')
  const line = testbed.logs
    .map((text) => JSON.parse(text) as Record<string, unknown>)
    .find(({ msg }) => msg === 'mcp_tool_call')
  expect(Object.keys(line ?? {})).toEqual(
    expect.arrayContaining(['tool', 'account_id', 'request_id', 'latency_ms', 'success']),
  )
})
