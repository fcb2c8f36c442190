/**
 * @module
 * The request sequences of the Python frameworks, replayed without Python: their headers, their order, their nulls,
 * their habit of connecting anew for every call. Each over both transports, because each framework offers both.
 */

import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type Answer, openSse, pythonPost } from './raw-sse.ts'

const TOOL = 'list_all_hub_spot_contacts'
const SEARCH = 'search_hub_spot_contacts'
let testbed: Testbed
let url: string
let bearer: { authorization: string }
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
  bearer = { authorization: `Bearer ${testbed.server.adminToken}` }
  url = (await testbed.issue('hubspot', { methods: ['read', 'write'] })).url
})
beforeEach(() => testbed.control('hubspot').clearFaults())
afterAll(() => testbed.close())

/** A session as a Python client holds one. */
interface Session {
  request(method: string, params?: unknown): Promise<Answer>
  notify(method: string, params?: unknown): Promise<number>
  close(): void
}

interface Wire {
  readonly name: string
  open(headers?: Record<string, string>): Promise<Session>
}

const sse: Wire = {
  name: 'SSE',
  async open(headers = bearer) {
    const stream = await openSse(url, headers)
    onTestFinished(() => stream.close())
    let id = -1
    return {
      request: (method, params) => stream.ask(++id, method, params),
      notify: async (method, params) =>
        (await stream.post({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) })).status,
      close: () => stream.close(),
    }
  },
}

/** The Python SDK names both types and, once it knows it, the revision. */
const streamable: Wire = {
  name: 'streamable HTTP',
  async open(headers = bearer) {
    let id = -1
    let version: string | undefined
    const send = async (message: object) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          ...pythonPost,
          accept: 'application/json, text/event-stream',
          ...headers,
          ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
        },
        body: JSON.stringify(message),
      })
      // Without a session nothing has to be deleted at the end, and no stream is asked for by GET.
      expect(response.headers.get('mcp-session-id')).toBeNull()
      return response
    }
    return {
      async request(method, params) {
        const message = { jsonrpc: '2.0', id: ++id, method, ...(params === undefined ? {} : { params }) }
        const response = await send(message)
        if (!response.ok) throw new Error(String(response.status))
        expect(response.headers.get('content-type')).toContain('application/json')
        const answer = (await response.json()) as Answer
        version = answer.result?.protocolVersion ?? version
        return answer
      },
      notify: async (method, params) =>
        (await send({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) })).status,
      close: () => {},
    }
  },
}

/** `initialize` and `notifications/initialized`, as mcp 1.x sends them. */
async function connect(wire: Wire, protocolVersion = '2025-11-25', headers = bearer): Promise<Session> {
  const session = await wire.open(headers)
  const hello = { protocolVersion, capabilities: {}, clientInfo: { name: 'mcp', version: '0.1.0' } }
  const { result } = await session.request('initialize', hello)
  expect(result).toMatchObject({ protocolVersion, capabilities: { tools: {} } })
  expect(await session.notify('notifications/initialized')).toBe(202)
  return session
}

const call = (session: Session, name: string, args: unknown, meta?: object) =>
  session.request('tools/call', { name, arguments: args, ...(meta ? { _meta: meta } : {}) })

function envelopeOf({ result }: Answer): Record<string, unknown> {
  expect(result?.content).toHaveLength(1)
  return JSON.parse(result!.content![0]!.text)
}

for (const wire of [sse, streamable]) {
  test(`CrewAI's adapter over ${wire.name}: one long session, the list twice, null for every absent argument`, async () => {
    const session = await connect(wire)
    const [first, second] = [await session.request('tools/list'), await session.request('tools/list')]
    expect(second.result).toEqual(first.result)
    expect(first.result).not.toHaveProperty('nextCursor')
    const page = envelopeOf(await call(session, TOOL, { limit: '5', next_cursor: null }))
    expect(page).toMatchObject({ result_count: 5 })
    const next = envelopeOf(await call(session, TOOL, { limit: null, next_cursor: page['next_cursor'] }))
    expect((next['result'] as { id: string }[])[0]!.id).not.toBe((page['result'] as { id: string }[])[0]!.id)
    expect(envelopeOf(await call(session, TOOL, { limit: '5', next_cursor: '' }))).toMatchObject({ result_count: 5 })
  })

  test(`CrewAI's mcps= and langchain-mcp-adapters over ${wire.name}: a session for every call, and a list after it`, async () => {
    for (let nth = 0; nth < 5; nth += 1) {
      const session = await connect(wire)
      expect(envelopeOf(await call(session, TOOL, { limit: '1' }))).toMatchObject({ result_count: 1 })
      expect((await session.request('tools/list')).result?.tools?.length).toBeGreaterThan(1)
      session.close()
    }
  })

  test(`AutoGen's workbench over ${wire.name}: a list before every call, calls gathered ten at once`, async () => {
    const session = await connect(wire, '2025-06-18')
    const answers = await Promise.all(
      Array.from({ length: 10 }, async (_, nth) => {
        await session.request('tools/list')
        return envelopeOf(await call(session, TOOL, { limit: String(nth + 1) }))
      }),
    )
    expect(answers.map((answer) => answer['result_count'])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test(`agent-framework over ${wire.name}: ping before the list, the tool's own _meta and a trace sent along`, async () => {
    const session = await connect(wire)
    expect((await session.request('ping')).result).toEqual({})
    const tools = (await session.request('tools/list')).result?.tools as { name: string; _meta: object }[]
    const { _meta } = tools.find(({ name }) => name === TOOL)!
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
    expect(envelopeOf(await call(session, TOOL, { limit: '1' }, { ..._meta, ...trace }))).toMatchObject({
      result_count: 1,
    })
  })

  test(`numbers for text, text for numbers and arguments nobody knows are taken over ${wire.name}`, async () => {
    const session = await connect(wire)
    expect(envelopeOf(await call(session, TOOL, { limit: 2 }))).toMatchObject({ result_count: 2 })
    const noted = envelopeOf(await call(session, TOOL, { limit: '2', sources: [], colour: 'blue' }))
    expect(noted).toMatchObject({
      result_count: 2,
      notes: expect.arrayContaining([expect.stringContaining('unknown arguments')]),
    })
    expect(JSON.stringify(noted['notes'])).not.toContain('blue')
    expect(envelopeOf(await call(session, SEARCH, { query: 501, limit: '1', next_cursor: null }))).toHaveProperty(
      'result',
    )
  })

  test(`a refused quota, a wrong tool and wrong arguments leave the session over ${wire.name} alive`, async () => {
    const session = await connect(wire)
    testbed.control('hubspot').arm({ kind: 'rate_limit', times: 1 })
    const limited = await call(session, TOOL, { limit: '1' })
    expect(limited.result?.isError).toBe(true)
    // CrewAI hands the text to the model as if it were a success: it must say what it is.
    expect((envelopeOf(limited)['error'] as { message: string }).message).toMatch(/^429 Too Many Requests/)
    expect((await call(session, 'no_such_tool', {})).result?.isError).toBe(true)
    expect((await call(session, 'get_single_hub_spot_contact_by_id', { id: null })).result?.isError).toBe(true)
    expect(envelopeOf(await call(session, TOOL, { limit: '1' }))).toMatchObject({ result_count: 1 })
  })

  test(`a call given up after its time, as CrewAI's mcps= repeats it, leaves the session over ${wire.name} alive`, async () => {
    const session = await connect(wire)
    expect(envelopeOf(await call(session, TOOL, { limit: '1' }))).toMatchObject({ result_count: 1 })
    // The client has stopped to wait: it says so, also for what has been answered meanwhile, and tries again.
    for (const requestId of [1, 77, 'never sent'])
      expect(await session.notify('notifications/cancelled', { requestId, reason: 'timed out' })).toBe(202)
    expect(await session.notify('notifications/progress', { progressToken: 1, progress: 0.5 })).toBe(202)
    expect(await session.notify('notifications/roots/list_changed')).toBe(202)
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect(envelopeOf(await call(session, TOOL, { limit: '1' }))).toMatchObject({ result_count: 1 })
  })

  test(`older revisions are agreed on over ${wire.name}, and unknown ones answered with a known one`, async () => {
    for (const version of ['2025-06-18', '2025-03-26', '2024-11-05']) (await connect(wire, version)).close()
    const session = await wire.open()
    const hello = { protocolVersion: '1999-01-01', capabilities: {}, clientInfo: { name: 'mcp', version: '1' } }
    expect((await session.request('initialize', hello)).result?.protocolVersion).toBe('2025-11-25')
  })

  test(`mcp 2.x over ${wire.name} asks for discovery first and falls back on an error`, async () => {
    const session = await wire.open()
    const { error } = await session.request('server/discover', {})
    expect(error?.code).toBeTypeOf('number')
    await connect(wire)
  })

  test(`a wrong token and a wrong second factor are refused at once over ${wire.name}`, async () => {
    await expect(connect(wire, '2025-11-25', { authorization: 'Bearer wrong' })).rejects.toThrow(/401/)
    await expect(connect(wire, '2025-11-25', { authorization: '' })).rejects.toThrow(/401/)
    const right = url
    url = url.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x'))
    await expect(connect(wire)).rejects.toThrow(/401/)
    url = right
  })
}

test('a POST that accepts anything, or nothing, is answered with JSON', async () => {
  for (const accept of ['*/*', 'application/json', 'text/event-stream', '']) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...pythonPost, ...bearer, accept },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    })
    expect([accept, response.status]).toEqual([accept, 200])
    expect(((await response.json()) as Answer).result?.tools?.length).toBeGreaterThan(1)
  }
})

test('a DELETE at the end is refused without harm', async () => {
  expect((await fetch(url, { method: 'DELETE', headers: bearer })).status).toBe(405)
})
