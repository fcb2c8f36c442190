/** @module Answers on their way out. */
import { fail, failureBody, pageEnvelope, RATE_LIMIT_META, recordEnvelope } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { sampleAccess, sampleMethod } from '../../test/sample-tools.ts'
import { type Call, refuse } from './call.ts'
import { render } from './render.ts'

const tool = (name: string) => ({ name, title: name, description: name })
const access = sampleAccess([
  sampleMethod({ tool: tool('list_x') }),
  sampleMethod({ kind: 'get', tool: tool('get_x') }),
  sampleMethod({ kind: 'custom', tool: tool('do_x') }),
])
const callOf = (toolName: string): Call => ({
  requestId: 'req_1',
  access,
  toolName,
  args: {},
  signal: new AbortController().signal,
})
const quotas = [{ policy: 'daily', limit: 100, remaining: 0, resetS: 30 }]

test("render() writes the guide's page envelope as compact JSON", () => {
  const rendered = render(callOf('list_x'), { ok: true, records: [{ id: '1' }], cursor: 'c', totalCount: 9, quotas })
  expect(rendered.text).toBe('{"result":[{"id":"1"}],"next_cursor":"c","result_count":1,"total_count":9}')
  expect(pageEnvelope.safeParse(JSON.parse(rendered.text)).success).toBe(true)
  expect(rendered).toMatchObject({ isError: false, status: 200, headers: { 'RateLimit-Remaining': '0' } })
  expect(rendered).not.toHaveProperty('meta')
  const last = render(callOf('list_x'), { ok: true, records: [], quotas: [], notes: ['n'] })
  expect(last.text).toBe('{"result":[],"next_cursor":null,"result_count":0,"notes":["n"]}')
  expect(last.headers).toEqual({})
})

test('render() writes one record for the kinds about one, and a page for a custom method', () => {
  const { text } = render(callOf('get_x'), { ok: true, records: [{ id: '1' }], quotas: [], notes: ['n'] })
  expect(text).toBe('{"result":{"id":"1"},"notes":["n"]}')
  expect(recordEnvelope.safeParse(JSON.parse(text)).success).toBe(true)
  expect(render(callOf('do_x'), { ok: true, records: [], quotas: [] }).text).toContain('"result":[]')
  const none = render(callOf('get_x'), { ok: true, records: [], quotas: [] })
  expect(JSON.parse(none.text)).toMatchObject({ error: { code: 'upstream_invalid' } })
})

test('render() writes a 429 so that text, headers and _meta say it', () => {
  const failure = fail('rate_limited', 'Quota used up.', 'Wait 30 s.', { retryAfterS: 30 })
  const rendered = render(callOf('list_x'), { ok: false, failure, quotas })
  expect(failureBody.parse(JSON.parse(rendered.text)).error).toEqual({
    code: 'rate_limited',
    status: 429,
    message: '429 Too Many Requests. Quota used up.',
    retry_after_s: 30,
    advice: 'Wait 30 s.',
    request_id: 'req_1',
  })
  expect(rendered).toMatchObject({
    isError: true,
    status: 429,
    headers: { 'RateLimit-Reset': '30', 'Retry-After': '30', 'RateLimit-Limit': '100' },
    meta: { [RATE_LIMIT_META]: { status: 429, retryAfterMs: 30_000, scope: 'daily' } },
  })
  const already = { ...failure, message: '429 Too Many Requests: daily' }
  expect(render(callOf('list_x'), refuse(already)).text).toContain('"message":"429 Too Many Requests: daily"')
})

test('render() says a wait that is not about quota without claiming a quota', () => {
  const failure = fail('upstream_unavailable', 'Down.', 'Wait.', { retryAfterS: 5 })
  const rendered = render(callOf('list_x'), { ok: false, failure, quotas: [] })
  expect(rendered.headers).toEqual({ 'Retry-After': '5' })
  expect(rendered).not.toHaveProperty('meta')
})

test('render() lets nothing but the known members of a failure out', () => {
  const failure = { ...fail('not_found', 'No such record.', 'List first.'), upstream: 'SECRET' }
  expect(render(callOf('list_x'), refuse(failure)).text).not.toContain('SECRET')
})
