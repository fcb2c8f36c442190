/**
 * @module
 * Target: sealed cursors with bits flipped, cut, lengthened, taken to another tool, URL or question, or too old. A
 * cursor that is not exactly its own must be refused.
 */

import { parseKeyRing, sealedCursors } from '@quartermaster/server'
import fc from 'fast-check'
import { Finding } from '../finding.ts'
import type { Door, FuzzTestbed } from '../fuzz-testbed.ts'
import { outcomeOf } from '../outcome-of.ts'
import type { Target } from '../target.ts'

type Change =
  | { readonly kind: 'none' | 'door' | 'tool' | 'question' | 'expired' | 'double' }
  | { readonly kind: 'flip'; readonly byte: number; readonly bit: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'insert'; readonly at: number; readonly text: string }

interface Tried {
  readonly door: number
  readonly cursor: number
  readonly other: number
  readonly change: Change
}

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('none', 'door', 'tool', 'question', 'expired', 'double')
      .map((kind) => ({ kind }) as Change),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('flip' as const), byte: fc.nat(200), bit: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: fc.nat(200) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      at: fc.nat(200),
      text: fc.oneof(
        fc.constantFrom('=', '-', 'A', '\u0000', '%', '+', '/', '\n', '\ud800'),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
      ),
    }),
  },
)

export const cursorsTarget: Target<Tried> = {
  name: 'cursors',
  share: 0.1,
  mustSee: ['ok', 'invalid_cursor'],
  inputs: ({ doors }) => fc.record({ door: fc.nat(doors.length - 1), cursor: fc.nat(100), other: fc.nat(100), change }),
  async attempt(testbed, { door: at, cursor: nth, other, change }) {
    const door = testbed.doors[at]
    const [tool, cursor] = [...(door?.cursors ?? [])][nth % Math.max(door?.cursors.size ?? 0, 1)] ?? []
    if (!door || tool === undefined || cursor === undefined) throw new Error('Cannot try cursors: there is none')
    const tools = [...door.cursors.keys()]
    const asked = change.kind === 'tool' ? (tools[other % tools.length] ?? tool) : tool
    const path =
      testbed.doors[
        change.kind === 'door' ? (at + 1 + (other % (testbed.doors.length - 1))) % testbed.doors.length : at
      ]?.path
    const sent = changed(cursor, change, () => expired(testbed, door, tool))
    // Only where the tool takes a question is another one another one.
    const asksMore = change.kind === 'question' && takesQuery(door, tool)
    const args = { limit: 1, next_cursor: sent, ...(asksMore ? { query: 'a' } : {}) }
    const answer = await testbed.ask({
      method: 'POST',
      path: `${path}/tools/${asked}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(args),
    })
    const outcome = outcomeOf(answer)
    // An empty cursor is none, which is a question of its own.
    const isOwn = sent.trim() === '' || (sent.trim() === cursor && asked === tool && path === door.path && !asksMore)
    if (outcome === 'ok' && !isOwn) throw new Finding(`a cursor that is not its own was taken: ${change.kind}`)
    return outcome
  },
}

function takesQuery(door: Door, tool: string): boolean {
  const { properties } = door.tools.find(({ name }) => name === tool)?.inputSchema ?? { properties: {} }
  return Object.hasOwn(properties, 'query')
}

function changed(cursor: string, change: Change, old: () => string): string {
  if (change.kind === 'flip') {
    const bytes = Buffer.from(cursor, 'base64url')
    const at = change.byte % bytes.length
    bytes[at] = (bytes[at] ?? 0) ^ (1 << change.bit)
    return bytes.toString('base64url')
  }
  if (change.kind === 'cut') return cursor.slice(0, change.at % cursor.length)
  if (change.kind === 'double') return cursor + cursor
  if (change.kind === 'insert') {
    const at = change.at % (cursor.length + 1)
    return cursor.slice(0, at) + change.text + cursor.slice(at)
  }
  return change.kind === 'expired' ? old() : cursor
}

/** Right in all but its age. */
function expired({ keyRing }: FuzzTestbed, { accountId, serverId }: Door, toolName: string): string {
  const then = Date.now() - 3_600_001
  const context = { tenant: 'acme', accountId, serverId, toolName, filter: '[]' }
  return sealedCursors(parseKeyRing(keyRing), () => then).seal('1', context)
}
