/** @module Target: the tools over plain HTTP, with hostile names in the path, bodies, and wishes in the head. */
import fc from 'fast-check'
import { hostileHeaders } from '../hostile-headers.ts'
import { bytesOf, hostileJson } from '../hostile-json.ts'
import { outcomeOf } from '../outcome-of.ts'
import type { Target } from '../target.ts'
import { type ToolCall, toolCalls } from '../tool-call.ts'

interface Mirrored {
  readonly call: ToolCall
  readonly name: string | undefined
  readonly body: Uint8Array | undefined
  readonly headers: Readonly<Record<string, string>>
}

const names = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '%00',
    '%',
    '%ff',
    '..',
    '%2e%2e%2f',
    '%2F',
    'a%0d%0ab',
    '%F0%9F%92%A9',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
)

export const mirrorTarget: Target<Mirrored> = {
  name: 'mirror',
  share: 0.1,
  mustSee: ['ok', 'invalid_arguments', 'unknown_tool'],
  inputs: ({ doors }) =>
    fc.record({
      call: toolCalls(doors, 10),
      name: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: names }),
      body: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: bytesOf(hostileJson) }),
      headers: hostileHeaders(
        [
          'idempotency-key',
          'quartermaster-approval',
          'quartermaster-dry-run',
          'accept',
          'content-type',
          'authorization',
        ],
        0.2,
      ),
    }),
  async attempt({ doors, ask }, { call, name, body, headers }) {
    const path = `${doors[call.door]?.path}/tools/${name ?? call.tool}`
    const head = { 'content-type': 'application/json', ...headers }
    return outcomeOf(await ask({ method: 'POST', path, headers: head, body: body ?? call.args }))
  },
}
