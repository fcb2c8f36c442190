import { hashToken, newApiToken, systemClock } from '@quartermaster/server'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

let testbed: Testbed
let url: string
beforeAll(async () => {
  testbed = await openTestbed()
  url = (await testbed.issue('hubspot', { methods: ['read', 'write'] })).url
})
beforeEach(() => {
  testbed.control('hubspot').clearFaults()
  testbed.control('hubspot').clearWindows()
})
afterAll(() => testbed.close())

const failureOf = async (tool: string, args: unknown) => {
  const { answer, value } = await testbed.call(url, tool, args)
  expect([tool, answer.status, answer.body.result?.isError]).toEqual([tool, 200, true])
  return value['error'] as { code: string; message: string; advice: string; request_id: string }
}

test('bad JSON, a batch and a wrong content type are refused in JSON-RPC terms', async () => {
  const post = (body: string, type = 'application/json') =>
    fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${testbed.server.adminToken}`,
        'content-type': type,
        accept: 'application/json, text/event-stream',
      },
      body,
    })
  expect((await post('{"jsonrpc":')).status).toBe(400)
  expect(await (await post('{"jsonrpc":')).json()).toMatchObject({ error: { code: -32700 } })
  expect(await (await post('[{"jsonrpc":"2.0","id":1,"method":"ping"}]')).json()).toMatchObject({
    error: { code: -32600 },
  })
  expect((await post('x', 'text/plain')).status).toBe(415)
  expect((await post(`{"a":"${'x'.repeat(2_000_000)}"}`)).status).toBe(413)
})

test('arguments nested out of all measure are refused on every transport, before anything looks at them', async () => {
  const headers = { authorization: `Bearer ${testbed.server.adminToken}`, 'content-type': 'application/json' }
  const post = (to: string, body: string) => fetch(to, { method: 'POST', headers, body })
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const name = 'list_all_hub_spot_contacts'
  const overMcp = (depth: number) =>
    post(
      url,
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":{"limit":"1","x":${nested(depth)}}}}`,
    )
  const overHttp = (depth: number) => post(`${url}/tools/${name}`, `{"limit":"1","x":${nested(depth)}}`)
  expect((await overMcp(61)).status).toBe(200)
  expect((await overHttp(63)).status).toBe(200)
  for (const depth of [62, 100_000]) {
    const refused = await overMcp(depth)
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({
      jsonrpc: '2.0',
      error: { code: -32_600, message: /nested too deeply/ },
    })
  }
  expect([(await overHttp(64)).status, (await overHttp(100_000)).status]).toEqual([400, 400])
  const admin = await post(`${testbed.server.url}/api-token`, nested(40_000))
  expect([admin.status, await admin.json()]).toMatchObject([400, { detail: 'The body is nested too deeply.' }])
})

test('an unknown tool and wrong arguments are results that a model can read, and no argument is echoed', async () => {
  expect(await failureOf('list_all_salesforce_contacts', {})).toMatchObject({ code: 'unknown_tool' })
  expect(await failureOf('__proto__', {})).toMatchObject({ code: 'unknown_tool' })
  for (const args of [{ query: { secret: 'canary-1' } }, { query: ['canary-2'] }, 'canary-3', ['canary-4']]) {
    const failure = await failureOf('search_hub_spot_contacts', args)
    expect(failure.code).toBe('invalid_arguments')
    expect(JSON.stringify(failure)).not.toContain('canary')
    expect(failure.advice.length).toBeGreaterThan(10)
  }
  expect(await failureOf('get_single_hub_spot_contact_by_id', {})).toMatchObject({ code: 'invalid_arguments' })
})

test('ids never leave their place in the path', async () => {
  const control = testbed.control('hubspot')
  control.resetCounters()
  for (const id of [
    '../owners',
    '..%2fowners',
    '1/../../owners',
    '1?archived=true',
    '1#x',
    '1;x',
    '',
    ' ',
    '１',
    "1' OR 1=1",
    '1\r\nX: y',
  ]) {
    const failure = await failureOf('get_single_hub_spot_contact_by_id', { id })
    expect(['invalid_arguments', 'not_found']).toContain(failure.code)
  }
  const templates = Object.keys(control.counters().requests)
  // The account's custom field names may be asked for; nothing else was.
  expect(templates.filter((template) => !/objects|properties/.test(template))).toEqual([])
})

test('a forged, foreign or edited cursor is refused', async () => {
  const { value } = await testbed.call(url, 'list_all_hub_spot_contacts', { limit: '10' })
  const cursor = value['next_cursor'] as string
  const other = (await testbed.issue('hubspot')).url
  const foreign = await testbed.call(other, 'list_all_hub_spot_contacts', { limit: '10', next_cursor: cursor })
  expect(foreign.value['error']).toMatchObject({ code: 'invalid_cursor' })
  for (const forged of ['eyJsYXN0SWQiOiI1MDEifQ==', `${cursor}x`, cursor.slice(0, -2), '10', 'x'.repeat(10_000)]) {
    expect(await failureOf('list_all_hub_spot_contacts', { limit: '10', next_cursor: forged })).toMatchObject({
      code: 'invalid_cursor',
    })
  }
  expect(await failureOf('list_all_hub_spot_companies', { next_cursor: cursor })).toMatchObject({
    code: /invalid_cursor|unknown_tool/,
  })
  const good = await testbed.call(url, 'list_all_hub_spot_contacts', { limit: '10', next_cursor: cursor })
  expect(good.value['result_count']).toBe(10)
})

test('an unknown, revoked or mistyped URL and a missing or foreign API token all get one and the same answer', async () => {
  const revoked = await testbed.issue('hubspot')
  await testbed.admin('DELETE', `/mcp-server/${revoked.id}`)
  const foreign = await testbed.admin('POST', '/api-token', { tenant: 'globex', name: 'g', scopes: ['runtime'] })
  const auditOnly = await testbed.admin('POST', '/api-token', { tenant: 'acme', name: 'a', scopes: ['audit'] })
  const tokenOf = ({ body }: { body: unknown }) => `Bearer ${(body as { token: string }).token}`
  const answers = await Promise.all([
    testbed.rpc(`${testbed.server.url}/mcp/0123456789012345678901234567`, 'tools/list'),
    testbed.rpc(`${testbed.server.url}/mcp/x`, 'tools/list'),
    testbed.rpc(revoked.url, 'tools/list'),
    testbed.rpc(url, 'tools/list', {}, { authorization: '' }),
    testbed.rpc(url, 'tools/list', {}, { authorization: 'Bearer nonsense' }),
    testbed.rpc(url, 'tools/list', {}, { authorization: tokenOf(foreign) }),
    testbed.rpc(url, 'tools/list', {}, { authorization: tokenOf(auditOnly) }),
  ])
  const shapes = answers.map(({ status, body }) => JSON.stringify({ status, ...body, request_id: undefined }))
  expect(new Set(shapes).size).toBe(1)
  expect(answers[0]?.status).toBe(401)
})

test('why a URL or second factor did not work is one line in the log, without any token', async () => {
  // A minute that begins in between would begin the log anew.
  const testbed = await openTestbed({ clock: { ...systemClock, now: () => 1_700_000_000_000 } })
  onTestFinished(() => testbed.close())
  const token = async (tenant: string | undefined, scopes: readonly string[]) =>
    (await testbed.admin('POST', '/api-token', { tenant, name: 'why', scopes })).body as { id: string; token: string }
  const bearer = ({ token: secret }: { token: string }) => ({ authorization: `Bearer ${secret}` })
  const [foreign, narrow, ended] = await Promise.all([
    token('globex', ['runtime']),
    token('acme', ['audit']),
    token('acme', ['runtime']),
  ])
  await testbed.admin('DELETE', `/api-token/${ended.id}`)
  const own = await testbed.issue('hubspot')
  const revoked = await testbed.issue('hubspot')
  await testbed.admin('DELETE', `/mcp-server/${revoked.id}`)
  const rotated = await testbed.issue('hubspot')
  await testbed.admin('POST', `/mcp-server/${rotated.id}/rotate`, { overlap_s: 0 })
  const mistyped = `${own.token.slice(0, -1)}${own.token.endsWith('x') ? 'y' : 'x'}`
  const list = (of: string, headers = {}) => testbed.rpc(of, 'tools/list', {}, headers)
  const since = testbed.logs.length
  for (let n = 0; n < 3; n++) {
    await list(rotated.url)
    await list(`${testbed.server.url}/mcp/${mistyped}`)
    await list(revoked.url)
    await list(own.url, { authorization: '' })
    await list(own.url, { authorization: 'Bearer nonsense' })
    await list(own.url, bearer({ token: newApiToken() }))
    for (const each of [foreign, narrow, ended]) await list(own.url, bearer(each))
    await fetch(`${own.url}/tools?key=${testbed.server.adminToken}`)
  }
  const logged = testbed.logs.slice(since).join('\n')
  const lines = logged
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === 'url_refused')
  const hash = (secret: string) => hashToken(secret).slice(0, 12)
  const about = { url: hash(own.token), server_id: own.id }
  expect(lines).toMatchObject([
    { why: 'url_unknown', url: hash(rotated.token) },
    { why: 'url_malformed' },
    { why: 'url_revoked', url: hash(revoked.token), server_id: revoked.id },
    { why: 'factor_missing', ...about },
    { why: 'factor_malformed', ...about },
    { why: 'factor_unknown', ...about },
    { why: 'factor_of_other_tenant', ...about, token_id: foreign.id },
    { why: 'factor_without_scope', ...about, token_id: narrow.id },
    { why: 'factor_revoked', ...about, token_id: ended.id },
    { why: 'factor_not_for_query', ...about, token_id: expect.stringMatching(/^tok_/) },
  ])
  for (const secret of [rotated.token, mistyped, own.token, revoked.token, foreign.token, narrow.token, ended.token])
    expect(logged.includes(secret)).toBe(false)
})

test('the admin surface refuses missing, foreign and too narrow tokens, and another tenant cannot be told from none', async () => {
  const account = testbed.accounts['hubspot']
  expect((await testbed.admin('GET', `/integrated-account/${account}`, undefined, 'nonsense')).status).toBe(401)
  const made = async (tenant: string, scopes: string[]) =>
    ((await testbed.admin('POST', '/api-token', { tenant, name: 't', scopes })).body as { token: string }).token
  const [runtime, foreign] = [await made('acme', ['runtime']), await made('globex', ['admin'])]
  expect((await testbed.admin('POST', `/integrated-account/${account}/mcp`, { name: 'x' }, runtime)).status).toBe(403)
  const theirs = await testbed.admin('GET', `/integrated-account/${account}`, undefined, foreign)
  const none = await testbed.admin('GET', '/integrated-account/acc_0000000000000000', undefined, foreign)
  expect(theirs.status).toBe(404)
  expect({ ...(theirs.body as object), request_id: 0 }).toEqual({ ...(none.body as object), request_id: 0 })
  expect(
    (await testbed.admin('POST', '/api-token', { tenant: 'acme', name: 'x', scopes: ['admin'] }, foreign)).status,
  ).toBe(403)
})

test('the admin surface names what is wrong with a body and repeats none of it', async () => {
  const path = `/integrated-account/${testbed.accounts['hubspot']}/mcp`
  for (const [body, expected] of [
    ['{"name":', /not valid JSON/],
    ['"x"', /must be object/],
    ['{"name":"x","config":{"methods":"canary-value"}}', /config\.methods must be array/],
    ['{"name":"x","config":{"pii":"canary-value"}}', /config\.pii must be one of full, mask, strip/],
    ['{"name":"x","canary_key":1}', /not known/],
    ['{"name":"x","config":{"tags":["nothing_has_this_tag"]}}', /admits no tool/],
  ] as const) {
    const answer = await testbed.admin('POST', path, body)
    expect(answer).toMatchObject({ status: 400, body: { status: 400, detail: expected } })
    expect(JSON.stringify(answer.body)).not.toContain('canary')
  }
})

test('a system that answers HTML, half a JSON, an error or nothing gives a typed failure without its words', async () => {
  const control = testbed.control('hubspot')
  for (const [kind, code] of [
    ['html_error', /upstream_unavailable|upstream_invalid/],
    ['truncated_json', /upstream_invalid/],
    ['server_error', /upstream_unavailable/],
    ['dropped_response', /upstream_unavailable/],
  ] as const) {
    // The field discovery may go first; both requests meet the fault.
    control.arm({ kind, times: 2 })
    const failure = await failureOf('list_all_hub_spot_contacts', { limit: '1' })
    control.clearFaults()
    expect([kind, failure.code]).toEqual([kind, expect.stringMatching(code)])
    expect(JSON.stringify(failure)).not.toMatch(/<html|correlationId|properties/i)
    expect(failure.request_id).toMatch(/^req_/)
  }
  const { value } = await testbed.call(url, 'list_all_hub_spot_contacts', { limit: '1' })
  expect(value['result_count']).toBe(1)
})

test('a write whose answer is broken or lost is of unknown outcome, never simply failed, and it is not repeated', async () => {
  const control = testbed.control('hubspot')
  for (const kind of ['server_error', 'truncated_json', 'dropped_response'] as const) {
    control.resetCounters()
    control.arm({ kind, method: 'POST' })
    const failure = await failureOf('create_a_hub_spot_contact', { email: `${kind}@test.example`, last_name: 'x' })
    control.clearFaults()
    expect([kind, failure.code]).toEqual([kind, 'outcome_unknown'])
    expect(failure.advice).toMatch(/^Do not repeat the call/)
    const posts = Object.entries(control.counters().requests).filter(([name]) => name.startsWith('POST'))
    expect(posts.map(([, count]) => count)).toEqual([1])
  }
})

test('a grant that was withdrawn gives needs_reauth at once, for every later call, and says who must act', async () => {
  const other = await openTestbed()
  try {
    const { url: doomed } = await other.issue('hubspot')
    other.control('hubspot').revokeGrants()
    for (let i = 0; i < 2; i++) {
      const { value } = await other.call(doomed, 'list_all_hub_spot_contacts', {})
      expect(value['error']).toMatchObject({ code: 'needs_reauth', advice: /connected again/ })
    }
    const { body } = await other.admin('GET', `/integrated-account/${other.accounts['hubspot']}`)
    expect(body).toMatchObject({ status: 'needs_reauth', reason: 'revoked' })
    const control = other.control('hubspot')
    control.resetCounters()
    await other.call(doomed, 'list_all_hub_spot_contacts', {})
    expect(control.counters()).toMatchObject({ requests: {}, tokenCalls: {} })
    const { url: healthy } = await other.issue('salesforce')
    expect((await other.call(healthy, 'list_all_salesforce_contacts', { limit: '1' })).value['result_count']).toBe(1)
  } finally {
    await other.close()
  }
})

test('a foreign Host or Origin is refused before anything else', async () => {
  expect((await testbed.rpc(url, 'tools/list', {}, { origin: 'https://evil.example' })).status).toBe(403)
  expect((await testbed.rpc(url, 'tools/list', {}, { origin: 'null' })).status).toBe(403)
  expect((await testbed.rpc(url, 'tools/list', {}, { origin: 'http://localhost:3000' })).status).toBe(200)
})
