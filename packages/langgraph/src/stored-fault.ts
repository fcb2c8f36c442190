/**
 * @module
 * An error as a checkpoint keeps it: plain data, without what an exception may hold besides.
 */
import { z } from 'zod'

/** Why a page or a record could not be read. */
export interface StoredFault {
  readonly code: string
  readonly message: string
  /** Whole seconds until the same may succeed, when that is known. */
  readonly retryAfterS?: number
}

export const storedFault = z.object({ code: z.string(), message: z.string(), retryAfterS: z.number().optional() })

/** @param noReason the message for an error that has none */
export function toStoredFault(error: unknown, noReason: string): StoredFault {
  const thrown = z.object({
    code: z.string().catch('error'),
    message: z.string().catch(noReason),
    retryAfterS: z.number().optional().catch(undefined),
  })
  const { code, message, retryAfterS } = thrown.parse(typeof error === 'object' && error !== null ? error : {})
  return { code, message, ...(retryAfterS === undefined ? {} : { retryAfterS }) }
}
