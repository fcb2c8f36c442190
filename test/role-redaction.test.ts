/**
 * @module
 * A role meets a URL of another strictness, over real MCP: an agent that would see more than its role does not start.
 */
import { convertToOpenAITool } from '@langchain/core/utils/function_calling'
import { connect, RateGate } from '@quartermaster/client'
import { recordTools } from '@quartermaster/langgraph'
import { policyNames, TOOL_META } from '@quartermaster/protocol'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { roles, ToolsetRefused } from '@quartermaster/toolsets'
import { tokenCost } from 'quartermaster'
import { afterAll, beforeAll, expect, test } from 'vitest'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed()
})
afterAll(() => testbed.close())

async function behind<T>(
  config: Parameters<Testbed['issue']>[1],
  use: (conn: Awaited<ReturnType<typeof connect>>) => Promise<T>,
) {
  const { url } = await testbed.issue('hubspot', config)
  const conn = await connect(url, { token: testbed.server.adminToken })
  try {
    return await use(conn)
  } finally {
    await conn.close()
  }
}

test.each(policyNames)('every tool behind a URL with pii %s says so', async (pii) => {
  const tools = await behind({ methods: ['read', 'write'], pii }, (conn) => conn.listTools())
  expect(tools.length).toBeGreaterThan(10)
  for (const tool of tools) expect(tool._meta?.[TOOL_META]).toMatchObject({ system: 'hubspot', pii })
})

test('a role gets its tools from its own URL and from a stricter one, and none from a weaker one', async () => {
  const options = { account: 'acc', gate: new RateGate(), toolset: roles.support }
  const own = await behind(roles.support.spec, (conn) => recordTools(conn, options))
  const stricter = await behind({ ...roles.support.spec, pii: 'strip' }, (conn) => recordTools(conn, options))
  expect(own.length).toBeGreaterThanOrEqual(8)
  expect(stricter.length).toBeGreaterThanOrEqual(6)
  const weaker = behind({ ...roles.support.spec, pii: 'full' }, (conn) => recordTools(conn, options))
  await expect(weaker).rejects.toThrow(ToolsetRefused)
  await expect(weaker).rejects.toMatchObject({ why: 'weaker_redaction', toolset: 'support' })
  await expect(weaker).rejects.toThrow(/asks for pii "mask", and \d+ of its tools say full/)
})

test('what a tool says of itself costs a model nothing', async () => {
  const tools = await behind({ methods: ['read'], pii: 'mask' }, (conn) => conn.listTools())
  const cost = (meta: object) =>
    tokenCost(
      tools.map(({ name, description = '', inputSchema }) => ({
        name,
        description,
        inputSchema: { ...inputSchema },
        ...meta,
      })),
    )
  expect(cost({ _meta: tools[0]?._meta })).toBe(cost({}))
  const [tool] = await behind({ methods: ['read'] }, (conn) =>
    recordTools(conn, { account: 'acc', gate: new RateGate() }),
  )
  // What a provider is sent of a bound tool.
  const sent = JSON.stringify(tool && convertToOpenAITool(tool))
  expect(sent).toContain(tool?.description)
  expect(sent).not.toMatch(/quartermaster|"pii"|full/)
})
