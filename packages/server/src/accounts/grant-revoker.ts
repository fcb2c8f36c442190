/**
 * @module
 * Takes back the grants of removed accounts at their systems, in the background, over a day; and then, whatever came of
 * it, deletes them here for good. Removing an account waits for none of it.
 */

import type { DueRevocation } from '../store/grant-revocations.ts'
import { leasedQueue, nextAttemptAt, type QueueWorker } from '../time/leased-queue.ts'
import { type RevocationAttempt, type RevokeDeps, revokeGrant } from './revoke-grant.ts'

export interface GrantRevokerDeps extends RevokeDeps {
  readonly random: () => number
  /** This process. */
  readonly owner: string
  readonly onAttempt: (
    facts: RevocationAttempt & { readonly accountId: string; readonly system: string; readonly attempt: number },
  ) => void
  readonly onError: (accountId: string | undefined, error: unknown) => void
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Waits after each attempt that failed: nine attempts over 25 hours. */
const WAITS_MS = [
  10_000,
  MINUTE_MS,
  10 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  7 * HOUR_MS,
  10 * HOUR_MS,
] as const
/** Longer than a token request may take. A process that dies meanwhile is waited out; twice revoked is revoked. */
const LEASE_MS = 30_000
const CONCURRENCY = 8
const POLL_MS = 500

export function grantRevoker(deps: GrantRevokerDeps): QueueWorker {
  const { revocations, owner, now, random } = deps

  async function attempt(due: DueRevocation): Promise<void> {
    const { accountId, system, attempts } = due
    const { end, note } = await revokeGrant(deps, due)
    const nextAt = nextAttemptAt(WAITS_MS, attempts, now(), random())
    if (end === undefined && nextAt !== undefined) await revocations.retry(accountId, owner, nextAt)
    else await revocations.finish(accountId, owner, end ?? 'not_revoked')
    const final = end ?? (nextAt === undefined ? 'not_revoked' : undefined)
    deps.onAttempt({ accountId, system, attempt: attempts, end: final, note })
  }

  return leasedQueue({
    claim: revocations.claim,
    attempt,
    onError: (error, due) => deps.onError(due?.accountId, error),
    owner,
    leaseMs: LEASE_MS,
    concurrency: CONCURRENCY,
    // A tenant with thousands of accounts is revoked in one run.
    untilEmpty: true,
    pollMs: POLL_MS,
    now,
    random,
  })
}
