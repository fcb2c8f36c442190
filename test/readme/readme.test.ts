import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { roles } from '@quartermaster/toolsets'
import { tokenCost } from 'quartermaster'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, openHouse } from '../house.ts'

const file = new URL('./example.ts', import.meta.url).pathname
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

test("the README's example is the file that the type checker sees and that runs here", () => {
  expect(readme).toContain(`\`\`\`ts\n${readFileSync(file, 'utf8')}\`\`\``)
})

interface ChatRequest {
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  readonly tools: readonly { readonly function: { readonly name: string } }[]
}

/** A provider that speaks OpenAI's chat completions: it asks for ten deals once, then adds up what it was given. */
async function fakeProvider() {
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    asked.push(text)
    response.setHeader('content-type', 'application/json')
    // Message ids must differ: LangGraph replaces a message by a later one with the same id.
    response.end(JSON.stringify({ id: `r${asked.length}`, ...completion(JSON.parse(text) as ChatRequest) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked, close: () => server.close() }
}

function completion({ messages, tools }: ChatRequest) {
  const given = messages.find(({ role }) => role === 'tool')?.content
  const name = tools.map((tool) => tool.function.name).find((tool) => /^list_all_.*opportunities$/.test(tool))
  const ask = { id: 'c1', type: 'function', function: { name, arguments: '{"limit":"10"}' } }
  const deals = given === undefined ? [] : (JSON.parse(given) as { result: { amount?: number }[] }).result
  const worth = deals.reduce((sum, { amount }) => sum + (amount ?? 0), 0)
  const message =
    given === undefined
      ? { role: 'assistant', content: null, tool_calls: [ask] }
      : { role: 'assistant', content: `${deals.length} deals, ${worth}` }
  return {
    object: 'chat.completion',
    created: 1,
    model: 'gpt-5.5',
    choices: [{ index: 0, message, finish_reason: given === undefined ? 'tool_calls' : 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  }
}

test('the example runs against a server and a model provider, and the answer comes from live records', async () => {
  const provider = await fakeProvider()
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=quartermaster-source', file], {
      timeout: 30_000,
      env: {
        ...process.env,
        QUARTERMASTER_URL: house.server.url,
        QUARTERMASTER_ADMIN_TOKEN: house.server.adminToken,
        ACCOUNT: house.accounts['hubspot'],
        OPENAI_API_KEY: 'test',
        OPENAI_BASE_URL: provider.url,
      },
    })
    const first = house.control('hubspot').records('deals')?.slice(0, 10) ?? []
    const worth = first.reduce((sum, { values }) => sum + Number((values as Record<string, unknown>)['amount'] ?? 0), 0)
    expect(stdout.trim()).toBe(`10 deals, ${worth}`)
    expect(provider.asked).toHaveLength(2)
  } finally {
    provider.close()
  }
})

test("the README's figures of what a role costs are the figures of today", async () => {
  for (const role of Object.values(roles)) {
    const { url } = await house.issue('hubspot', role.spec)
    const tools = (await house.rpc(url, 'tools/list')).body.result?.tools ?? []
    const cost = tokenCost(tools.map((tool) => ({ ...tool, inputSchema: { ...tool.inputSchema } })))
    expect(readme).toContain(`${role.name}: ${tools.length} tools, ${cost.toLocaleString('en-US')} tokens`)
  }
})
