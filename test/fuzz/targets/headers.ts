/** @module Target: heads of requests, written byte by byte, to every kind of path. */
import fc from 'fast-check'
import { sendBytes } from '../answer.ts'
import { judge } from '../finding.ts'
import { headerNames, hostileValue } from '../hostile-headers.ts'
import { outcomeOf } from '../outcome-of.ts'
import type { Target } from '../target.ts'

interface Head {
  readonly method: string
  /** Behind the URL's own path, or a path of its own when it begins with `/`. */
  readonly path: string
  readonly fields: readonly (readonly [string, string])[]
  readonly body: string
  /** How many bytes more than there are the head promises. */
  readonly lie: number
}

const list = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}'

const field = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(...headerNames).chain((name) => fc.tuple(fc.constant(name), hostileValue(name))),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.string({ minLength: 1, maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 20 })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        ['transfer-encoding', 'chunked'],
        ['content-length', '-1'],
        ['content-length', '1e3'],
        ['connection', 'upgrade'],
        ['upgrade', 'h2c'],
        ['x', 'a\u0000b'],
        ['x', 'a\r\n b'],
      )
      .map(([name = '', value = '']) => [name, value] as [string, string]),
  },
)

export const headersTarget: Target<Head> = {
  name: 'headers',
  share: 0.11,
  mustSee: ['ok', '400', '403', '401'],
  inputs: () =>
    fc.record({
      method: fc.oneof(
        { weight: 5, arbitrary: fc.constant('POST') },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            'PUT',
            'DELETE',
            'PATCH',
            'OPTIONS',
            'HEAD',
            'TRACE',
            'CONNECT',
            'PROPFIND',
            'get',
          ),
        },
      ),
      path: fc.oneof(
        { weight: 5, arbitrary: fc.constant('') },
        {
          weight: 2,
          arbitrary: fc
            .constantFrom('/tools/list_all_hub_spot_users', '/messages?sessionId=x', '?key=x', '?token=qm_x')
            .map((path) => path),
        },
        {
          weight: 1,
          arbitrary: fc
            .constantFrom(
              '/healthz',
              '/integrated-account',
              '/mcp/x',
              '/%',
              '/%ff',
              '//',
              '/mcp/%00',
              '*',
              'http://evil.example/',
              '/a?b=%',
            )
            .map((path) => ` ${path}`),
        },
      ),
      fields: fc.array(field, { maxLength: 5 }),
      body: fc.constantFrom(list, '{}', ''),
      lie: fc.oneof({ weight: 150, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-3, 10) }),
    }),
  async attempt(testbed, { method, path, fields, body, lie }) {
    const target = path.startsWith(' ') ? path.slice(1) : `${testbed.doors[0]?.path}${path}`
    const has = (name: string) => fields.some(([given]) => given.toLowerCase() === name)
    const lines = [
      `${method} ${target} HTTP/1.1`,
      ...(has('host') ? [] : [`host: ${new URL(testbed.url).host}`]),
      ...(has('content-type') ? [] : ['content-type: application/json']),
      ...fields.map(([name, value]) => `${name}: ${value}`),
      ...(has('transfer-encoding') ? [] : [`content-length: ${Math.max(0, body.length + lie)}`]),
      'connection: close',
    ]
    const sent = has('transfer-encoding') ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body
    const answer = await sendBytes(testbed.url, Buffer.from(`${lines.join('\r\n')}\r\n\r\n${sent}`, 'latin1'))
    if (!answer) return 'hung up'
    judge(answer, testbed.secrets())
    return answer.status >= 400 ? String(answer.status) : outcomeOf(answer)
  },
}
