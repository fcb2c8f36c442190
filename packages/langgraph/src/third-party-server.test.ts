import { ToolMessage } from '@langchain/core/messages'
import { loadMcpTools } from '@langchain/mcp-adapters'
import { type CallEvent, RateGate } from '@quartermaster/client'
import { TestClock, until } from '@quartermaster/testing'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { sdkClients } from '../test/sdk-clients.ts'
import { startThirdPartyServer } from '../test/third-party-server.ts'
import { rateLimitAware } from './rate-limit-aware.ts'

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const chart = [
  { type: 'text' as const, text: '{"points":[1,2]}' },
  { type: 'image' as const, data: PIXEL, mimeType: 'image/png' },
]

async function setup(connect: (url: string) => Promise<{ close(): Promise<void> }>) {
  let busy = 1
  const server = await startThirdPartyServer((mcp) => {
    const readOnlyHint = { readOnlyHint: true }
    mcp.registerTool('weather', { annotations: readOnlyHint }, () => ({
      content: [{ type: 'text', text: 'Sunny, 20 C' }],
    }))
    mcp.registerTool('chart', { annotations: readOnlyHint }, () => ({ content: chart }))
    mcp.registerTool('typed', { outputSchema: { degrees: z.number() } }, () => ({
      content: [{ type: 'text', text: '{"degrees":20}' }],
      structuredContent: { degrees: 20 },
      _meta: { 'weather/station': 'LEPA' },
    }))
    mcp.registerTool('busy', { annotations: readOnlyHint }, () => {
      busy -= 1
      const text = busy < 0 ? 'Calm' : '429 Too Many Requests. Retry after 3 seconds.'
      return { content: [{ type: 'text', text }], isError: busy >= 0 }
    })
    mcp.registerTool('broken', {}, () => {
      throw new Error('no such station at /srv/app.js:12:7\n    at run (/srv/app.js:12:7)\n    at /srv/main.js:1:1')
    })
  })
  const client = await connect(server.url)
  onTestFinished(async () => {
    await client.close()
    await server.close()
  })
  const clock = new TestClock()
  const events: CallEvent[] = []
  const gate = new RateGate({ clock, random: () => 0 })
  const aware = rateLimitAware(client, {
    account: 'weather',
    gate,
    clock,
    random: () => 0,
    onEvent: (event) => events.push(event),
  })
  const tools = await loadMcpTools('weather', aware as never)
  const call = async (name: string) => {
    const tool = tools.find((one) => one.name === name)
    const message: unknown = await tool?.invoke({ name, args: {}, id: 'c1', type: 'tool_call' })
    if (!ToolMessage.isInstance(message)) throw new Error('no message')
    return message
  }
  return { server, clock, events, aware, call }
}

test.each(sdkClients)('a success of a third-party server comes whole, over the %s SDK', async (_name, connect) => {
  const { call, aware } = await setup(connect)
  expect((await call('weather')).content).toBe('Sunny, 20 C')
  expect((await call('chart')).content).toEqual([
    { type: 'text', text: '{"points":[1,2]}' },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } },
  ])
  const callTool = Reflect.get(aware, 'callTool') as (params: object) => Promise<object>
  expect(await callTool({ name: 'typed', arguments: {} })).toMatchObject({
    content: [{ type: 'text', text: '{"degrees":20}' }],
    structuredContent: { degrees: 20 },
    _meta: { 'weather/station': 'LEPA' },
  })
})

test.each(sdkClients)('a third-party 429 in words is waited out, over the %s SDK', async (_name, connect) => {
  const { call, clock, events } = await setup(connect)
  const run = call('busy')
  await until(() => clock.sleeping().includes(3000))
  await clock.advance(3000)
  expect((await run).content).toBe('Calm')
  expect(events.map(({ type }) => type)).toContain('rate_limited')
})

test.each(sdkClients)('a third-party HTTP 429 is waited out, over the %s SDK', async (_name, connect) => {
  const { call, clock, server } = await setup(connect)
  server.refuseNext(429)
  const run = call('weather')
  await until(() => clock.sleeping().includes(2000))
  await clock.advance(2000)
  expect((await run).content).toBe('Sunny, 20 C')
})

test.each(sdkClients)('a third-party failure is typed, without a stack, over the %s SDK', async (_name, connect) => {
  const { call } = await setup(connect)
  const failed = call('broken')
  await expect(failed).rejects.toThrow('"code":"tool_error"')
  await expect(failed).rejects.toThrow('no such station')
  await expect(failed).rejects.not.toThrow('/srv/')
  await expect(failed).rejects.not.toThrow('main.js')
})
