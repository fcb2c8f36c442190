/** @module What the operator can count, and that nobody else can. */

import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSse } from './raw-sse.ts'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
})
afterAll(() => testbed.close())

const read = (token: string) =>
  fetch(`${testbed.server.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })

test('GET /metrics counts calls, refusals and streams, with words of ours for labels and nothing else', async () => {
  const { url, token, id } = await testbed.issue('hubspot')
  const bearer = { authorization: `Bearer ${testbed.server.adminToken}` }
  await testbed.call(url, 'list_all_hub_spot_contacts', { limit: '1' })
  testbed.control('hubspot').arm({ kind: 'rate_limit', times: 1 })
  await testbed.call(url, 'list_all_hub_spot_contacts', { limit: '1' })
  await testbed.call(url, 'canary"}\n injected 1', {})
  const sse = await openSse(url, bearer)
  const response = await read(testbed.server.adminToken)
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  const text = await response.text()
  sse.close()
  expect(text).toContain('quartermaster_tool_calls_total{tool="list_all_hub_spot_contacts",outcome="ok"} 1\n')
  expect(text).toContain('quartermaster_tool_calls_total{tool="list_all_hub_spot_contacts",outcome="rate_limited"} 1\n')
  expect(text).toContain('quartermaster_tool_calls_total{tool="(unknown)",outcome="unknown_tool"} 1\n')
  expect(text).toContain('quartermaster_tool_call_duration_seconds_bucket{le="+Inf"} 3\n')
  expect(text).toContain('quartermaster_rate_limited_total 1\n')
  expect(text).toContain('quartermaster_open_streams 1\n')
  for (const secret of [token, id, 'acme', 'canary', ...Object.values(testbed.accounts)])
    expect(text).not.toContain(secret)
  // Every line is a comment or a sample.
  for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^(# (HELP|TYPE) |[a-z_]+(\{[^}]*\})? [\d.e-]+$)/)
})

test('GET /metrics is for operators: neither a tenant, nor a runtime token, nor nobody', async () => {
  const made = async (scopes: readonly string[]) => {
    const { body } = await testbed.admin('POST', '/api-token', { name: 'm', tenant: 'acme', scopes })
    return (body as { token: string }).token
  }
  expect((await read(await made(['admin', 'audit']))).status).toBe(403)
  expect((await read(await made(['runtime']))).status).toBeGreaterThanOrEqual(401)
  expect((await fetch(`${testbed.server.url}/metrics`)).status).toBe(401)
})
