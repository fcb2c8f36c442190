import { loadMcpTools } from '@langchain/mcp-adapters'
import { RateGate } from '@quartermaster/client'
import {
  createTool,
  listTool,
  rateLimited,
  type ScriptedAnswer,
  startTestServer,
  success,
  TestClock,
  until,
} from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { sdkClients } from '../test/sdk-clients.ts'
import { rateLimitAware } from './rate-limit-aware.ts'

const page = { result: [{ id: '1' }], next_cursor: null, result_count: 1 }

async function setup(
  connect: (url: string) => Promise<{ close(): Promise<void> }>,
  answer: (nth: number) => ScriptedAnswer,
) {
  const server = await startTestServer((call) => answer(call.nth))
  const client = await connect(server.url)
  const clock = new TestClock()
  const gate = new RateGate({ clock, random: () => 0 })
  const aware = rateLimitAware(client, { account: 'acme', gate, clock, random: () => 0 })
  const tools = await loadMcpTools('crm', aware as never)
  const named = (name: string) => {
    const tool = tools.find((candidate) => candidate.name === name)
    if (!tool) throw new Error(`no ${name}`)
    return tool
  }
  const close = async () => {
    await client.close()
    await server.close()
  }
  return { server, clock, gate, named, close }
}

test.each(sdkClients)('rateLimitAware() waits out a 429 for adapters over the %s SDK', async (_name, connect) => {
  const quota = { status: 200, limit: 10, remaining: 9, reset: 5 }
  const { server, clock, named, close } = await setup(connect, (nth) =>
    nth === 1 ? rateLimited(3) : success(page, quota),
  )
  const call = named(listTool.name).invoke({ limit: '1' })
  await until(() => clock.sleeping().includes(3000))
  await clock.advance(3000)
  // Not the adapters' wrapper with `_meta` in it: the text alone.
  expect(await call).toBe(JSON.stringify(page))
  expect(server.calls).toHaveLength(2)
  await close()
})

test.each(sdkClients)('rateLimitAware() repeats a cut read, but no write, over the %s SDK', async (_name, connect) => {
  const { server, clock, named, close } = await setup(connect, (nth) => (nth === 2 ? success(page) : 'drop'))
  const read = named(listTool.name).invoke({})
  await until(() => clock.sleeping().includes(500))
  await clock.advance(500)
  expect(await read).toBe(JSON.stringify(page))
  await expect(named(createTool.name).invoke({ email: 'a@b.c' })).rejects.toThrow('"code":"outcome_unknown"')
  expect(server.calls).toHaveLength(3)
  await close()
})
