/**
 * @module
 * Cursors that only the URL, tool and filter they were made for can use, for an hour.
 */

import type { KeyRing } from '../keys/key-ring.ts'
import { open, seal } from '../keys/seal.ts'
import type { CursorContext, Cursors } from './cursors.ts'

/** Nothing that was sealed as a cursor is good for longer. */
export const CURSOR_LIFETIME_MS = 3_600_000
/** Longer than any cursor we make; nothing longer is worth decoding. */
const MAX_LENGTH = 65_536

export function sealedCursors(ring: KeyRing, now: () => number): Cursors {
  return {
    seal(cursor, context) {
      const plain = Buffer.from(JSON.stringify([now() + CURSOR_LIFETIME_MS, cursor]))
      return Buffer.from(seal(ring, place(context), plain).sealed).toString('base64url')
    },
    open(sealed, context) {
      if (sealed.length > MAX_LENGTH || !/^[0-9A-Za-z_-]+$/.test(sealed)) return undefined
      const bytes = Buffer.from(sealed, 'base64url')
      // One cursor has one spelling: decoders ignore spare bits, and a cursor that was touched is not ours.
      if (bytes.toString('base64url') !== sealed) return undefined
      const plain = open(ring, place(context), bytes)
      if (!plain) return undefined
      const [expiresAt, cursor] = JSON.parse(Buffer.from(plain).toString('utf8')) as [number, string]
      return now() < expiresAt ? cursor : undefined
    },
  }
}

function place(context: CursorContext) {
  const { tenant, accountId, serverId, toolName, filter } = context
  return { purpose: `cursor|${tenant}`, context: JSON.stringify([accountId, serverId, toolName, filter]) }
}
