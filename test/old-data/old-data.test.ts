/**
 * @module
 * What an earlier release has written is opened by the code of today, on either database, and means what it meant: as
 * of some minutes after it was written, when everything in it is alive, and thirty years later.
 */
import { testDatabaseServer, until } from '@quartermaster/testing'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Copy, copyOf, factsOf, type Moment, releases } from './opened.ts'

/** Long enough for the second attempt of a notification, and short of the end of every access token. */
const SOON_MS = 600_000
const THIRTY_YEARS_MS = 30 * 365 * 86_400_000

type Row = Readonly<Record<string, unknown>>
const stores = releases.flatMap((release) => (['sqlite', 'postgres'] as const).map((store) => ({ release, store })))

test('there is data of an earlier release', () => expect(releases).not.toEqual([]))

describe.each(stores)('$release on $store', ({ release, store }) => {
  const facts = factsOf(release, store)
  const { accounts, tokens } = facts
  const absent = store === 'postgres' && testDatabaseServer === undefined
  let copy: Copy
  let now: Moment
  beforeAll(async () => {
    if (absent) return
    copy = await copyOf(release, store)
    now = await copy.at(SOON_MS)
  })
  beforeEach(({ skip }) => skip(absent, 'QUARTERMASTER_TEST_DATABASE_URL is not set; run tools/with-postgres.sh'))
  afterAll(async () => copy?.remove())

  const answered = async (response: Promise<Response>) => {
    const { status } = await response
    const text = await (await response).text()
    return { status, body: (text.startsWith('{') ? JSON.parse(text) : text) as Row }
  }
  const get = (path: string, bearer?: string) => answered(now.server.api('GET', path, undefined, bearer))

  test('every URL answers as it did, with the access tokens that the store holds', async () => {
    for (const { about, answer, ...call } of [...facts.calls, facts.cursor]) {
      expect({ about, ...(await now.server.call(call)) }).toMatchObject({ about, ...answer })
    }
    for (const [tenant, system] of [
      ['acme', 'hubspot'],
      ['acme', 'salesforce'],
      ['globex', 'salesforce'],
    ] as const) {
      const { responses, tokenCalls } = now.vendors.control(tenant, system).counters()
      expect({ system, responses, tokenCalls }).toEqual({
        system,
        responses: expect.objectContaining({ 200: expect.any(Number) }),
        tokenCalls: {},
      })
      expect(responses).not.toHaveProperty('401')
    }
  })

  test('what was refused is refused', async () => {
    for (const { about, token, bearer, status } of facts.refusals) {
      const response = await now.server.rpc(token, bearer, 'tools/list')
      expect({ about, status: response.status }).toEqual({ about, status })
    }
  })

  test('an API token opens what its scope says, of its own tenant', async () => {
    const statusOf = async (token: string) => {
      const paths = ['/integrated-account', '/audit', `/approval/${facts.approvals.pending.handle}`]
      return Promise.all(paths.map(async (path) => (await get(path, token)).status))
    }
    expect({
      admin: await statusOf(tokens.admin),
      audit: await statusOf(tokens.audit),
      approve: await statusOf(tokens.approve),
      runtime: await statusOf(tokens.runtime),
      revoked: await statusOf(tokens.revoked),
    }).toEqual({
      admin: [200, 403, 403],
      audit: [403, 200, 403],
      approve: [403, 403, 200],
      runtime: [403, 403, 403],
      revoked: [401, 401, 401],
    })
    const { result } = (await get('/integrated-account', tokens.admin)).body as { readonly result: readonly Row[] }
    expect(Object.fromEntries(result.map(({ id, status }) => [id, status]))).toEqual({
      [accounts.hubspot]: 'active',
      [accounts.salesforce]: 'active',
      [accounts.connected]: 'active',
      [accounts.removed]: 'disconnected',
    })
    expect((await get(`/integrated-account/${accounts.other}`, tokens.admin)).status).toBe(404)
    expect((await get(`/integrated-account/${accounts.reauth}`)).body).toMatchObject({ status: 'needs_reauth' })
  })

  test('a write that was made is not made again, and one that a person approves is made', async () => {
    const { remembered, approvals } = facts
    const written = () => now.asked('acme', 'hubspot', /^(POST|PATCH) .*\/objects/)
    expect(await now.server.call(remembered)).toMatchObject(remembered.answer)
    expect(written()).toBe(0)

    const { pending, approved } = approvals
    expect(await get(`/approval/${pending.handle}`, tokens.approve)).toMatchObject({
      status: 200,
      body: { tenant: 'acme', tool: pending.call.tool, decision: null, changes: pending.changes },
    })
    expect(await now.server.call(pending.call)).toMatchObject({ error: { code: 'approval_required' } })
    expect(await now.server.call(approved.call)).toMatchObject({ result: { title: approved.call.args['title'] } })
    expect(await now.server.call(approved.call)).toMatchObject({ error: { code: 'approval_invalid' } })
    expect(written()).toBe(1)
    const body = { decision: 'approved' }
    expect((await now.server.api('POST', `/approval/${pending.handle}`, body, tokens.approve)).status).toBe(200)
    expect(await now.server.call(pending.call)).toMatchObject({ result: { title: pending.call.args['title'] } })
  })

  test('connect links are where they were', async () => {
    const { open, connected } = facts.connect
    expect((await get(`/connect-session/${open.id}`)).body).toMatchObject({ status: 'open' })
    expect((await get(`/connect/${open.token}`)).status).toBe(200)
    expect((await get(`/connect-session/${connected.id}`)).body).toMatchObject({
      status: 'connected',
      account: accounts.connected,
    })
    expect((await get(`/integrated-account/${accounts.connected}`)).body).toMatchObject({
      connected_as: { org: expect.stringContaining('acme'), user_id: expect.any(String) },
    })
  })

  test('what was under way goes on: a notification is sent, signed, and the grant of a removed account is taken back', async () => {
    await until(() => now.vendors.notifications.length > 0 && now.asked('acme', 'hubspot', /revoke/) > 0)
    const [{ headers, body } = { headers: {}, body: '' }] = now.vendors.notifications
    // The library compares with the clock of the test, which is not the clock of the server.
    const at = Number(headers['webhook-timestamp']) * 1_000
    expect(new Webhook(facts.webhook.secret).sign(String(headers['webhook-id']), new Date(at), body)).toBe(
      headers['webhook-signature'],
    )
    expect(JSON.parse(body)).toMatchObject({ type: 'account.needs_reauth', data: { account_id: accounts.reauth } })
    expect(now.vendors.control('acme', 'hubspot').counters().responses).toHaveProperty('204')
  })

  test('the end of a URL ends those that were derived from it', async () => {
    const { derived } = facts
    const statusOf = async () => (await now.server.rpc(derived.token, tokens.runtime, 'tools/list')).status
    expect(await statusOf()).toBe(200)
    expect((await get(`/mcp-server/${derived.id}`)).body).toMatchObject({ parent_id: derived.parentId })
    await now.server.ask('DELETE', `/mcp-server/${derived.parentId}`)
    expect(await statusOf()).toBe(401)
  })

  test('every grant opens and is sealed anew', async () => {
    const { code, stdout } = await now.command('keys', 'rotate')
    expect({ code, stdout }).toMatchObject({ code: 0 })
    const { [String(Math.max(...Object.keys(facts.keys).map(Number)))]: _current, ...others } = facts.keys
    const older = Object.values(others).reduce((sum, rows) => sum + rows, 0)
    // The secret of the account that was removed is gone by now.
    expect(Number(/^\d+/.exec(stdout)?.[0])).toBeGreaterThanOrEqual(older - 1)
  })

  test('after thirty years URLs, approvals and links have ended, and an account works with its old refresh token', async () => {
    await now.end()
    now = await copy.at(THIRTY_YEARS_MS)
    const { token, bearer, tool, args, answer } = facts.cursor
    expect((await now.server.rpc(token, bearer, 'tools/list')).status).toBe(401)
    expect((await get(`/approval/${facts.approvals.pending.handle}`, tokens.approve)).status).toBe(404)
    expect((await get(`/connect/${facts.connect.open.token}`)).status).toBe(404)
    const issued = await now.server.ask('POST', `/integrated-account/${accounts.hubspot}/mcp`, { name: 'new' })
    const call = { token: String(issued['token']), bearer, tool }
    expect(await now.server.call({ ...call, args })).toMatchObject({ error: { code: 'invalid_cursor' } })
    const { next_cursor } = await now.server.call({ ...call, args: { ...args, next_cursor: undefined } })
    expect(await now.server.call({ ...call, args: { ...args, next_cursor } })).toMatchObject(answer)
    const { tokenCalls } = now.vendors.control('acme', 'hubspot').counters()
    expect(tokenCalls).toMatchObject({ refresh_token: expect.any(Number) })
  })

  test('the audit is whole: the old rows are what they were, and new ones follow from them', async () => {
    const { code, stdout } = await now.verify()
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('"sound":true') })
    const { tenants } = JSON.parse(stdout) as typeof facts.audit
    for (const { tenant, rows } of facts.audit.tenants) {
      expect(tenants.find((one) => one.tenant === tenant)?.rows).toBeGreaterThan(rows)
    }
  })
})
