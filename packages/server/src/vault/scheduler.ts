/**
 * @module
 * Refreshes grants before anybody has to wait for it. Claims what is due, the most urgent first, never more at once
 * than a process and a system can take, and uses the same attempt and the same lease as a caller would.
 */

import type { GrantState } from '../store/accounts.ts'
import { periodicTask } from '../time/periodic-task.ts'
import { LEASE_MS, TAKEOVER_DELAY_MS } from './lease-time.ts'
import { attemptRefresh } from './refresh-attempt.ts'
import type { RefreshDeps } from './refresh-deps.ts'

export interface SchedulerOptions {
  readonly deps: RefreshDeps
  /** Systems that accounts may be of, each with its breaker's key. */
  readonly systems: () => readonly { readonly system: string; readonly circuit: string }[]
  /** Refreshes under way at once in this process. What a kill can lose is at most this many. */
  readonly maxInFlight?: number
  /** Refreshes under way at once at one system. */
  readonly maxPerSystem?: number
  readonly onError: (accountId: string | undefined, error: unknown) => void
}

export interface Scheduler {
  /** Looks for due accounts every 250 to 500 ms until {@link Scheduler.stop}. */
  start(): void
  /** Takes up what is due now. Resolves with how many accounts, before they are refreshed. */
  tick(): Promise<number>
  /** Takes up nothing more. Resolves when nothing is under way. */
  stop(): Promise<void>
}

const POLL_MS = 250
/** Accounts that need their user are tried in between, few at a time. */
const PROBES_AT_ONCE = 1

type SystemCircuit = ReturnType<SchedulerOptions['systems']>[number]

export function refreshScheduler(options: SchedulerOptions): Scheduler {
  const { deps, systems, onError, maxInFlight = 16, maxPerSystem = 8 } = options
  const { clock, refreshes, owner } = deps
  const inFlight = new Map<Promise<void>, string>()
  let turn = 0

  function free({ system, circuit }: SystemCircuit): number {
    let busy = 0
    for (const other of inFlight.values()) if (other === system) busy += 1
    return Math.min(maxPerSystem - busy, maxInFlight - inFlight.size, deps.breaker.capacity(circuit, clock.now()))
  }

  async function claimFor(at: SystemCircuit): Promise<number> {
    const now = clock.now()
    const limit = free(at)
    if (limit <= 0) return 0
    const { system } = at
    const claim = { system, owner, until: now + LEASE_MS, now, takeoverDelayMs: TAKEOVER_DELAY_MS }
    const due = await refreshes.claimDue({ ...claim, limit })
    for (const state of due) startRefresh(system, state, now)
    const left = Math.min(free(at), PROBES_AT_ONCE)
    if (left <= 0) return due.length
    const probes = await refreshes.claimProbes({ ...claim, limit: left })
    for (const state of probes) startRefresh(system, state, now)
    return due.length + probes.length
  }

  function startRefresh(system: string, state: GrantState, leasedAt: number): void {
    const run = refresh(state, leasedAt)
      .catch((error: unknown) => onError(state.account.id, error))
      .finally(() => inFlight.delete(run))
    inFlight.set(run, system)
  }

  async function refresh(state: GrantState, leasedAt: number): Promise<void> {
    const attempt = await attemptRefresh(deps, state, { leasedAt })
    // Until the new grant is stored it exists only here, so stopping waits for it.
    if (attempt.outcome === 'unstored') await attempt.settled
  }

  /** One system after the other, beginning with another one each time, so that a full process starves none. */
  async function sweep(): Promise<number> {
    const all = systems()
    let taken = 0
    turn += 1
    for (let i = 0; i < all.length && !work.isStopped(); i++) {
      const at = all[(turn + i) % all.length]
      if (at) taken += await claimFor(at)
    }
    return taken
  }

  // Two sweeps at once would count the same free places twice.
  const work = periodicTask({
    run: sweep,
    pauseMs: POLL_MS,
    random: deps.random,
    onError: (error) => onError(undefined, error),
  })
  return {
    start: work.start,
    tick: work.tick,
    async stop() {
      await work.stop()
      await Promise.allSettled(inFlight.keys())
    },
  }
}
