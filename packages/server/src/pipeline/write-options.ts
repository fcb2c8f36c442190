/**
 * @module
 * What a caller asks of a write beside its arguments: to be made once, to be only tried, to be made with an approval.
 * A model cannot ask for any of it, because none of it is an argument.
 */
import { APPROVAL_META, DRY_RUN_META, IDEMPOTENCY_KEY_META } from '@quartermaster/protocol'

export interface WriteOptions {
  /** The same key within 24 h means the same write. 1 to 255 visible characters. */
  readonly idempotencyKey?: string
  /** The handle of an approval. */
  readonly approval?: string
  /** Say what would change, and change nothing. */
  readonly dryRun?: boolean
}

/** What was asked in a way that cannot be read; such a call is refused, because a misread option could change data. */
export interface InvalidWriteOptions {
  readonly fault: string
}

/** The request headers that say the same as the `_meta` members, for callers over plain HTTP. */
const headerNames = {
  [IDEMPOTENCY_KEY_META]: 'idempotency-key',
  [APPROVAL_META]: 'quartermaster-approval',
  [DRY_RUN_META]: 'quartermaster-dry-run',
} as const

/** Reads the write options from a call's `_meta`, and from the request's headers what `_meta` does not say. */
export function readWriteOptions(meta: object | undefined, headers?: Headers): WriteOptions | InvalidWriteOptions {
  const asked = (name: keyof typeof headerNames): unknown =>
    (meta as Record<string, unknown> | undefined)?.[name] ?? headers?.get(headerNames[name]) ?? undefined
  const key = asked(IDEMPOTENCY_KEY_META)
  const approval = asked(APPROVAL_META)
  const dryRun = asked(DRY_RUN_META)
  if (key !== undefined && !(typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key))) {
    return { fault: 'the idempotency key must be 1 to 255 visible ASCII characters' }
  }
  if (approval !== undefined && typeof approval !== 'string') return { fault: 'the approval must be a handle' }
  const tried = dryRun === true || dryRun === 'true'
  if (dryRun !== undefined && !tried && dryRun !== false && dryRun !== 'false') {
    return { fault: 'dry-run must be true or false' }
  }
  return {
    ...(key === undefined ? {} : { idempotencyKey: key }),
    ...(approval === undefined ? {} : { approval }),
    ...(tried ? { dryRun: true } : {}),
  }
}
