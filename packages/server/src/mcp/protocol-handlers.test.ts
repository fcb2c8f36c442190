/** @module How many listeners a tenant may have at once. */
import { expect, test } from 'vitest'
import { methods, modernCall } from '../../test/endpoint.ts'
import { sampleAccess } from '../../test/sample-tools.ts'
import { buildProtocolServer } from './build-protocol-server.ts'
import { createProtocolHandlers } from './protocol-handlers.ts'

const { modern } = createProtocolHandlers((context) =>
  buildProtocolServer(
    {
      invoke: () => Promise.reject(new Error('nothing is called')),
      serverInfo: { name: 'quartermaster', version: '0.1.0' },
      requestId: () => 'req_1',
    },
    context,
  ),
)

/** A listener whose stream nobody has read to its end yet. */
function listen(tenant: string): Promise<Response> {
  const [message, headers] = modernCall('', undefined)
  const params = { ...(message['params'] as object), notifications: { toolsListChanged: true } }
  const body = { ...message, method: 'subscriptions/listen', params }
  const request = new Request('http://127.0.0.1/mcp/x', {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'mcp-method': 'subscriptions/listen' },
    body: JSON.stringify(body),
  })
  const access = sampleAccess(methods)
  const { signal } = new AbortController()
  const own = {
    requestId: 'req_1',
    args: undefined,
    requestHeaders: request.headers,
    responseHeaders: new Headers(),
    signal,
  }
  return modern(request, body, { access: { ...access, server: { ...access.server, tenant } }, ...own })
}

const isStream = (response: Response) => response.headers.get('content-type') === 'text/event-stream'

test('createProtocolHandlers() lets a tenant listen sixteen times at once, whatever others do', async () => {
  const streams: Response[] = []
  for (let nth = 0; nth < 16; nth++) streams.push(await listen('acme'))
  expect(streams.map(isStream)).toEqual(streams.map(() => true))
  const refused = await listen('acme')
  expect(isStream(refused)).toBe(false)
  expect(await refused.json()).toMatchObject({ error: { message: 'Cannot listen: too many streams are open' } })
  const other = await listen('globex')
  expect(isStream(other)).toBe(true)
  // One that has ended makes room for one.
  await streams[0]?.body?.cancel()
  const next = await listen('acme')
  expect(isStream(next)).toBe(true)
  expect(isStream(await listen('acme'))).toBe(false)
  await Promise.all([...streams.slice(1), other, next].map(({ body }) => body?.cancel()))
})
