/**
 * @module
 * Takes back the grants of removed accounts at their systems, in the background, over a day; and then, whatever came of
 * it, deletes them here for good. Removing an account waits for none of it.
 */

import type { DueRevocation } from '../store/grant-revocations.ts'
import { periodicTask } from '../time/periodic-task.ts'
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

export interface GrantRevoker {
  start(): void
  /** Takes up what is due now. Resolves with how many grants were tried. */
  tick(): Promise<number>
  /** Begins nothing more. Resolves when nothing is under way. */
  stop(): Promise<void>
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
const AT_ONCE = 8
const POLL_MS = 500

export function grantRevoker(deps: GrantRevokerDeps): GrantRevoker {
  const { revocations, owner, now } = deps

  async function sweep(): Promise<number> {
    let tried = 0
    // What failed is due later, so this comes to an end; a tenant with thousands of accounts is told in one go.
    while (!work.isStopped()) {
      const at = now()
      const due = await revocations.claim({ owner, until: at + LEASE_MS, now: at, limit: AT_ONCE })
      await Promise.all(due.map((one) => attempt(one).catch((error: unknown) => deps.onError(one.accountId, error))))
      tried += due.length
      if (due.length < AT_ONCE) break
    }
    return tried
  }

  async function attempt(due: DueRevocation): Promise<void> {
    const { accountId, system, attempts } = due
    const { end, note } = await revokeGrant(deps, due)
    const waitMs = WAITS_MS[attempts - 1]
    const last = end ?? (waitMs === undefined ? 'not_revoked' : undefined)
    if (last !== undefined) await revocations.finish(accountId, owner, last)
    else await revocations.retry(accountId, owner, Math.floor(now() + (waitMs ?? 0) * (0.9 + 0.2 * deps.random())))
    deps.onAttempt({ accountId, system, attempt: attempts, end: last, note })
  }

  const work = periodicTask({
    run: sweep,
    pauseMs: POLL_MS,
    random: deps.random,
    onError: (error) => deps.onError(undefined, error),
  })
  return { start: work.start, tick: work.tick, stop: work.stop }
}
