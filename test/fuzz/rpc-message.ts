/**
 * @module
 * JSON-RPC messages of both eras of the protocol, with any part of them exchanged for what nobody should send.
 */
import fc from 'fast-check'
import type { Door } from './fuzz-testbed.ts'
import { bytesOf, hostileJson, hostileKey, objectText } from './hostile-json.ts'
import { toolCalls } from './tool-call.ts'

export interface RpcMessage {
  readonly door: number
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

const methods = [
  'initialize',
  'notifications/initialized',
  'notifications/cancelled',
  'ping',
  'tools/list',
  'tools/call',
  'server/discover',
  'resources/list',
  'prompts/list',
  'completion/complete',
  'logging/setLevel',
  'subscriptions/listen',
  '__proto__',
  'constructor',
  '',
]

const hello = '{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"fuzz","version":"1"}}'
const envelope =
  '{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"fuzz","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}'

const metaKeys = [
  'io.modelcontextprotocol/protocolVersion',
  'io.modelcontextprotocol/clientInfo',
  'io.modelcontextprotocol/clientCapabilities',
  'progressToken',
  'quartermaster/idempotency-key',
  'quartermaster/dry-run',
  'quartermaster/approval',
]

const now = (good: fc.Arbitrary<string>, hostility: number) =>
  fc.oneof({ weight: 100 - hostility, arbitrary: good }, { weight: hostility, arbitrary: hostileJson })

export function rpcMessages(doors: readonly Door[]): fc.Arbitrary<RpcMessage> {
  return fc.tuple(toolCalls(doors, 8), fc.boolean(), fc.boolean()).chain(([call, isModern, isCall]) => {
    const method = isCall ? fc.constant('tools/call') : fc.constantFrom(...methods)
    return method.chain((named) => {
      const meta = fc.oneof(
        { weight: 6, arbitrary: fc.constant(isModern ? envelope : '{}') },
        {
          weight: 2,
          arbitrary: fc
            .array(
              fc.tuple(
                fc.constantFrom(...metaKeys).map((key) => JSON.stringify(key)),
                hostileJson,
              ),
              { maxLength: 4 },
            )
            .map((members) => objectText([...members, ...(isModern ? ([['"x"', envelope]] as const) : [])])),
        },
        { weight: 1, arbitrary: hostileJson },
      )
      const params = meta.map((text) => {
        if (named === 'tools/call')
          return `{"name":${JSON.stringify(call.tool)},"arguments":${call.args},"_meta":${text}}`
        return named === 'initialize' ? `${hello.slice(0, -1)},"_meta":${text}}` : `{"_meta":${text}}`
      })
      const message = fc
        .record({
          jsonrpc: now(fc.constant('"2.0"'), 4),
          id: now(fc.constantFrom('1', '"a"', '0', '-1'), 15),
          method: now(fc.constant(JSON.stringify(named)), 8),
          params: now(params, 10),
          without: fc.oneof(
            { weight: 9, arbitrary: fc.constant('') },
            { weight: 1, arbitrary: fc.constantFrom('id', 'params', 'method', 'jsonrpc') },
          ),
          extra: fc.oneof(
            { weight: 9, arbitrary: fc.constant<[string, string][]>([]) },
            { weight: 1, arbitrary: fc.tuple(hostileKey, hostileJson).map((member): [string, string][] => [member]) },
          ),
        })
        .map(({ without, extra, ...parts }) => {
          const members = Object.entries(parts).filter(([key]) => key !== without)
          return objectText([...members.map(([key, text]) => [JSON.stringify(key), text] as const), ...extra])
        })
      const text = fc.oneof(
        { weight: 20, arbitrary: message },
        { weight: 1, arbitrary: fc.array(message, { maxLength: 3 }).map((all) => `[${all.join(',')}]`) },
        { weight: 1, arbitrary: hostileJson },
      )
      const modern: Record<string, string> = {
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': named,
        ...(named === 'tools/call' ? { 'mcp-name': call.tool } : {}),
      }
      return bytesOf(text).map((body) => ({ door: call.door, body, headers: isModern ? modern : {} }))
    })
  })
}
