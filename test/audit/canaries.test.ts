import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, expect, test } from 'vitest'

const testbed: Testbed = await openTestbed()
afterAll(() => testbed.close())

const CANARY = 'Qanary-7f3e'
const spellings = [
  CANARY,
  CANARY.toLowerCase(),
  Buffer.from(CANARY).toString('base64').slice(0, 12),
  encodeURIComponent(`${CANARY}@x`),
]

test('nothing that a caller or an operator says is in any row: arguments of every tool, names, labels, invented names', async () => {
  let calls = 0
  for (const system of Object.keys(testbed.accounts)) {
    const issued = await testbed.issue(system, { methods: ['read', 'write'] })
    const { body } = await testbed.rpc(issued.url, 'tools/list')
    for (const tool of body.result?.tools ?? []) {
      const names = Object.keys(tool.inputSchema.properties)
      const planted = Object.fromEntries(names.map((name) => [name, name === 'limit' ? '1' : `${CANARY}@x.example`]))
      await testbed.call(issued.url, tool.name, { ...planted, [CANARY]: CANARY, 'phone number of Jane': CANARY })
      await testbed.call(issued.url, tool.name, CANARY)
      calls += 2
    }
    await testbed.call(issued.url, CANARY, { email: CANARY })
    await testbed.admin('DELETE', `/mcp-server/${issued.id}`)
  }
  expect(calls).toBeGreaterThan(30)
  const made = await testbed.admin('POST', '/api-token', { tenant: 'acme', name: CANARY, scopes: ['runtime'] })
  const token = made.body as { id: string; token: string }
  await testbed.admin('DELETE', `/api-token/${token.id}`)
  const hook = await testbed.admin('POST', '/webhook-endpoint', {
    tenant: 'acme',
    url: `https://hooks.example/${CANARY}`,
  })
  await testbed.admin('DELETE', `/webhook-endpoint/${(hook.body as { id: string }).id}`)
  await fetch(`${testbed.server.url}/mcp/${CANARY}`, { method: 'POST' })
  const account = testbed.accounts['hubspot']
  await testbed.admin('POST', `/integrated-account/${account}/mcp`, { name: CANARY })

  const rows = await testbed.server.store.audit.read(undefined, 0, 5_000)
  const text = JSON.stringify(rows)
  for (const spelling of spellings) expect(text).not.toContain(spelling)
  expect(text).not.toMatch(/jane|hooks\.example/i)
  expect(text).not.toContain(token.token)
  expect(text).not.toContain(testbed.server.adminToken)
  // What was said is there in its harmless form, so the search has looked at the right rows.
  expect(rows.some(({ shape, digest }) => shape.includes('email') && digest.length === 22)).toBe(true)
  const seen = new Set(rows.map(({ tool }) => tool))
  for (const event of ['url.issued', 'url.revoked', 'token.issued', 'token.revoked', 'webhook.added', 'url.refused'])
    expect(seen).toContain(event)
  expect(rows.filter(({ tool, phase }) => tool === 'url.issued' && phase === 'outcome')[0]).toMatchObject({
    actor: /^tok_/,
    accountId: /^acc_/,
    serverId: /^mcp_/,
  })
})

test('a thousand refused calls of one URL are a handful of rows', async () => {
  const { url, id } = await testbed.issue('hubspot')
  const CALLS = 1_000
  for (let n = 0; n < CALLS; n += 50) {
    await Promise.all(
      Array.from({ length: 50 }, () => testbed.rpc(url, 'tools/call', { name: `nope_${n}`, arguments: {} })),
    )
  }
  // What is counted is written down when the server stops, or a minute is over.
  const rows = (await testbed.server.store.audit.read('acme', 0, 5_000)).filter((row) => row.serverId === id)
  expect(rows.filter(({ tool }) => tool === '(unknown)').length).toBeLessThan(12)
})
