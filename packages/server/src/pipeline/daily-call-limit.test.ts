import { mcpServerConfig } from '@quartermaster/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alone } from '../../test/guards.ts'
import { sampleAccess, sampleMethod } from '../../test/sample-tools.ts'
import { openStore, type Store } from '../store/open.ts'
import type { Call } from './call.ts'
import { dailyCallLimit } from './daily-call-limit.ts'

let store: Store
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

const NOON = Date.UTC(2026, 10, 22, 12)

function callOf(id: string, most?: number): Call {
  const access = sampleAccess([sampleMethod()])
  const config = mcpServerConfig.parse(most === undefined ? {} : { max_calls_per_day: most })
  const server = { ...access.server, id, config }
  const signal = new AbortController().signal
  return { requestId: 'req_1', access: { ...access, server }, toolName: 'x', args: {}, signal }
}

test('dailyCallLimit() ends a loop with the time to wait, and a new day begins anew', async () => {
  let at = NOON
  let sent = 0
  const guard = dailyCallLimit(store.urlCalls, () => at)
  const invoke = alone(guard, async () => {
    sent += 1
    return { ok: true, records: [], quotas: [] }
  })
  for (let call = 0; call < 50; call++) await invoke(callOf('mcp_loop', 20))
  expect(sent).toBe(20)
  expect(await invoke(callOf('mcp_loop', 20))).toMatchObject({
    failure: {
      code: 'rate_limited',
      status: 429,
      retry_after_s: 43_200,
      message: expect.stringContaining('20 calls a day'),
    },
    quotas: [{ policy: 'url-daily', limit: 20, remaining: 0, resetS: 43_200 }],
  })
  at += 12 * 3_600_000
  expect(await invoke(callOf('mcp_loop', 20))).toMatchObject({ ok: true })
  // The control: a URL without a budget goes on.
  for (let call = 0; call < 50; call++) expect(await invoke(callOf('mcp_free'))).toMatchObject({ ok: true })
})
