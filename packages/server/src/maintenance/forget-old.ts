/**
 * @module
 * Removes, once an hour, what can no longer come again, and what ended long ago.
 */
import type { ApiTokenStore } from '../store/api-tokens.ts'
import type { ApprovalStore } from '../store/approvals.ts'
import type { IdempotencyKeyStore } from '../store/idempotency-keys.ts'
import type { McpServerStore } from '../store/mcp-servers.ts'
import { type PeriodicTask, periodicTask } from '../time/periodic-task.ts'

export interface ForgetOldDeps {
  readonly store: {
    readonly idempotencyKeys: Pick<IdempotencyKeyStore, 'sweep'>
    readonly approvals: Pick<ApprovalStore, 'sweep'>
    readonly servers: Pick<McpServerStore, 'sweep'>
    readonly apiTokens: Pick<ApiTokenStore, 'sweep'>
  }
  readonly now: () => number
  readonly random: () => number
  readonly onError: (error: unknown) => void
}

const PAUSE_MS = 3_600_000
/**
 * URLs and API tokens stay listed with their names for so long after their end, for readers of the audit of the last
 * weeks; its rows hold ids, and stay.
 */
export const LISTED_AFTER_END_MS = 30 * 86_400_000

export function forgetOld({ store, now, random, onError }: ForgetOldDeps): PeriodicTask {
  const run = async () => {
    const at = now()
    const counts = [
      await store.idempotencyKeys.sweep(at),
      await store.approvals.sweep(at),
      await store.servers.sweep(at - LISTED_AFTER_END_MS),
      await store.apiTokens.sweep(at - LISTED_AFTER_END_MS),
    ]
    return counts.reduce((sum, count) => sum + count, 0)
  }
  return periodicTask({ run, pauseMs: PAUSE_MS, random, onError })
}
