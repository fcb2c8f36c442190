/**
 * @module
 * An account whose fields change: its tools are the old ones for as long as the answer is remembered, and others after,
 * in the audit too.
 */
import type { IssuedMcpServer } from '@quartermaster/protocol'
import { issueApiToken } from '@quartermaster/server'
import { connectSandboxAccounts } from 'quartermaster'
import { expect, onTestFinished, test } from 'vitest'
import { type ConnectTestbed, openConnectTestbed } from './connect/connect-testbed.ts'

const MINUTE = 60_000
const TOOL = 'update_a_hub_spot_opportunity_by_id'

test('a field that an account has added changes the hash of its tools in the audit, when ten minutes are over', async () => {
  const testbed = await openConnectTestbed()
  onTestFinished(testbed.close)
  const [{ id } = { id: '' }] = await connectSandboxAccounts({
    server: testbed,
    sandboxUrl: testbed.sandboxUrl,
    tenant: 'acme',
  })
  const config = { methods: ['read', 'write'], require_api_token_auth: false }
  const issued = await testbed.api('POST', `/integrated-account/${id}/mcp`, { name: 'x', config })
  const { url } = issued.body as IssuedMcpServer
  const rpc = async (method: string, params = {}) =>
    JSON.stringify((await testbed.api('POST', new URL(url).pathname, { jsonrpc: '2.0', id: 1, method, params })).body)
  const call = () => rpc('tools/call', { name: TOOL, arguments: { id: '0', amount: '1' } })

  const startedAt = testbed.clock.at
  await call()
  const [before] = await hashes(testbed)
  expect(before).toMatch(/^[\w-]{16}$/)
  await addProperty(testbed)
  testbed.clock.at = startedAt + 9 * MINUTE
  await call()
  expect(await hashes(testbed)).toEqual([before])
  expect(await rpc('tools/list')).not.toContain('custom_churn_score')

  testbed.clock.at = startedAt + 11 * MINUTE
  // The first call after that has the question asked again, beside it.
  for (let nth = 0; nth < 50 && (await hashes(testbed)).length === 1; nth++) await call()
  expect(await rpc('tools/list')).toContain('custom_churn_score')
  const after = await hashes(testbed)
  expect(after).toHaveLength(2)
  // And then it stays.
  await call()
  expect(await hashes(testbed)).toEqual(after)
})

/** Those with which its calls ended, each once. */
async function hashes(testbed: ConnectTestbed): Promise<readonly string[]> {
  const token = { tenant: 'acme', name: 'reader', scopes: ['audit'] } as const
  const { secret } = await issueApiToken(testbed.store.apiTokens, token, testbed.clock.at)
  const { body } = await testbed.api('GET', '/audit?tenant=acme&limit=1000', undefined, secret)
  const rows = (body as { result: readonly { tool: string; phase: string; tool_hash: string }[] }).result
  return [
    ...new Set(rows.flatMap(({ tool, phase, tool_hash }) => (tool === TOOL && phase === 'outcome' ? [tool_hash] : []))),
  ].sort()
}

async function addProperty(testbed: ConnectTestbed): Promise<void> {
  const scope = 'oauth crm.objects.deals.read crm.schemas.deals.write crm.schemas.deals.read'
  const { accessToken } = testbed.control('hubspot').signIn({ scope })
  const response = await fetch(`${testbed.sandboxUrl}/acme/hubspot/crm/v3/properties/deals`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'churn_score', label: 'Churn score', type: 'number', fieldType: 'number' }),
  })
  expect(response.status).toBe(201)
}
