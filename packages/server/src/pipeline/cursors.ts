/**
 * @module
 * What a cursor is sealed to. A cursor that is changed, expired, or sent back to another URL, tool or filter opens
 * to nothing.
 */
export interface CursorContext {
  readonly tenant: string
  readonly accountId: string
  readonly serverId: string
  readonly toolName: string
  /** The other arguments of the call, canonically serialised. */
  readonly filter: string
}

export interface Cursors {
  seal(cursor: string, context: CursorContext): string
  /** The system's cursor, or undefined when this cursor is not ours, not for this context, or too old. */
  open(sealed: string, context: CursorContext): string | undefined
}
