/**
 * @module
 * The quotas of a connector file as rules that can be asked before anything is sent.
 */
import type { QuotaFile } from './connector-file.ts'
import type { QuotaRule } from './contract.ts'

/** Every policy of the file, in its order. */
export function buildQuotas({ policies }: QuotaFile): QuotaRule[] {
  return Object.entries(policies).map(
    ([policy, { counted, window_s: windowS, low_wait_s: lowWaitS, only, except }]) => ({
      policy,
      ...(counted && windowS !== undefined ? { counted: { limit: counted.limit, windowS } } : {}),
      ...(lowWaitS === undefined ? {} : { lowWaitS }),
      covers(url) {
        if (only === undefined && except === undefined) return true
        const path = new URL(url).pathname.replace(/\/$/, '')
        return only === undefined ? !path.endsWith(except ?? '') : path.endsWith(only)
      },
    }),
  )
}
