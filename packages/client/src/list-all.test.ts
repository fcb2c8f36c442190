import { rateLimited, type ScriptedAnswer, type SeenCall, success, until } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { callTestbed } from '../test/call-testbed.ts'
import { listAll } from './list-all.ts'

function pageOf(call: SeenCall, pages: number): ScriptedAnswer {
  const page = Number(call.args['next_cursor'] ?? 0)
  const next_cursor = page + 1 < pages ? String(page + 1) : null
  return success({ result: [{ id: String(page) }], next_cursor, result_count: 1 })
}

async function list(answer: (call: SeenCall) => ScriptedAnswer, options: { maxPages?: number } = {}) {
  const { server, conn, clock, options: calling } = await callTestbed(answer)
  const run = listAll(conn, 'list_all_acme_contacts', { limit: '1' }, { ...calling, ...options })
  return { server, clock, run }
}

test('listAll() follows the cursor to the end and passes it on untouched', async () => {
  const { server, run } = await list((call) => pageOf(call, 3))
  expect(await run).toEqual({
    items: [{ id: '0' }, { id: '1' }, { id: '2' }],
    pages: 3,
    nextCursor: null,
    truncated: false,
    stoppedBy: 'end',
  })
  expect(server.calls.map((call) => call.args)).toEqual([
    { limit: '1' },
    { limit: '1', next_cursor: '1' },
    { limit: '1', next_cursor: '2' },
  ])
})

test('listAll() stops at ten pages', async () => {
  const { server, run } = await list((call) => pageOf(call, 1000))
  expect(await run).toMatchObject({ pages: 10, stoppedBy: 'max_pages', nextCursor: '10' })
  expect(server.calls).toHaveLength(10)
})

test('listAll() waits out a 429 in the middle', async () => {
  const { clock, run } = await list((call) => (call.nth === 2 ? rateLimited(6) : pageOf(call, 2)))
  await until(() => clock.sleeping().includes(6000))
  await clock.advance(6000)
  expect(await run).toMatchObject({ pages: 2, stoppedBy: 'end' })
})

test('listAll() keeps the pages before a fault and reports the fault', async () => {
  const { run } = await list((call) => (call.nth === 2 ? rateLimited(4000) : pageOf(call, 5)))
  expect(await run).toMatchObject({
    items: [{ id: '0' }],
    nextCursor: '1',
    stoppedBy: 'error',
    error: { code: 'rate_limited', retryAfterS: 4000 },
  })
})

test('listAll() refuses a tool that answers with one record', async () => {
  const { run } = await list(() => success({ result: { id: '1' } }))
  expect(await run).toMatchObject({ items: [], stoppedBy: 'error', error: { code: 'bad_answer' } })
})
