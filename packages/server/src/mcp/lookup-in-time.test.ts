import { expect, test } from 'vitest'
import { testTimer } from '../../test/timer.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import { type McpRouteDeps, mcpRoutes } from './mcp-routes.ts'

const never = new Promise<never>(() => undefined)

test.each([
  ['the URL is looked up in a store that hangs', { findAccess: () => never }],
  [
    'the URL is unknown, and that cannot be recorded',
    { findAccess: async () => ({ ok: false, why: 'url_unknown' }), onRefused: () => never },
  ],
])('mcpRoutes() refuses after 1.5 s when %s', async (_, parts) => {
  const timer = testTimer()
  const app = mcpRoutes({ ...parts, timer, endpoint: {} } as unknown as McpRouteDeps)
  app.onError((error) => new Response(null, { status: error instanceof StoreUnavailable ? 503 : 500 }))
  let status = 0
  void Promise.resolve(app.request('/token', { method: 'POST' })).then((response) => {
    status = response.status
  })
  await timer.advance(1_499)
  expect(status).toBe(0)
  await timer.advance(1)
  expect(status).toBe(503)
  expect(timer.waiting()).toBe(0)
})
