/**
 * @module
 * One process's part in the quotas of one account. A call takes a leased permit without I/O. When none is left, one
 * exchange with the store returns the last lease and takes the next one for all callers who wait.
 */

import type { QuotaRule } from '@quartermaster/connectors'
import type { QuotaStateStore } from '../store/quota-states.ts'
import { DeadlineExceeded, deadline, type Timer } from '../time/deadline.ts'
import { type EndCall, type LocalPermits, localPermits } from './local-permits.ts'
import type { QuotaObservation } from './quota-observation.ts'
import { readWindowStates, type WindowStates, writeWindowStates } from './stored-windows.ts'
import { type Cooldown, emptyWindow, usableLimit, type WindowLimits, type WindowState } from './window-state.ts'

export interface AccountQuotaDeps {
  readonly store: QuotaStateStore
  readonly now: () => number
  /** Part of each limit that we may use, above 0, at most 1. */
  readonly share: number
  /** Unique among all processes. */
  readonly newId: () => string
  /** The store could not be asked; calls go on without it for a while. */
  readonly onError: (error: unknown) => void
  readonly timer: Pick<Timer, 'after'>
}

/** Why a call may not be sent now. */
export interface QuotaDenial {
  readonly rule: QuotaRule
  readonly why: 'used_up' | Cooldown['why']
  /** Epoch milliseconds. */
  readonly opensAt: number
  /** Our part of the limit. */
  readonly limit?: number | undefined
  readonly windowMs?: number | undefined
}

/** Permission to send one call. */
export interface Permit {
  readonly why?: undefined
  /** The call has ended, whatever came of it. Until then, the system may still count it. */
  release(): void
}

export interface AccountQuota {
  /** A permit: the call may be sent, once, now. Waits for the store at most, never for a quota. */
  permit(rules: readonly QuotaRule[]): Promise<Permit | QuotaDenial>
  recordQuotaHeaders(rule: QuotaRule, observation: QuotaObservation): void
  /** The window as this process knows it; undefined for a quota that only the system counts. */
  windowOf(rule: QuotaRule): WindowLimits | undefined
  /** No calls until then. Resolves when every process can know it, or the store takes too long. */
  startCooldown(rules: readonly QuotaRule[], cooldown: Cooldown): Promise<void>
  /** Returns the permits that are held, and ends what is under way. */
  close(): Promise<void>
}

/** A cooldown that another process started is seen after this time at the latest, unless a lease is held. */
const FRESH_MS = 1_000
/** After this time calls go on without the store. Each store reports its own faults before that, most of the time. */
const STORE_TIMEOUT_MS = 2_500
/** Then the store is not asked for this time. */
const REST_MS = 1_000
/** One process wins every time, so this bounds how many processes may compete at one moment. */
const MAX_ATTEMPTS = 50

interface StoredState {
  readonly ver: number
  readonly windows: WindowStates
}

/** The machine's, which does not keep the process alive. */
export const backgroundTimer: AccountQuotaDeps['timer'] = {
  after(ms, ring) {
    const timeout = setTimeout(ring, ms)
    timeout.unref()
    return () => clearTimeout(timeout)
  },
}

export function accountQuota(accountId: string, deps: AccountQuotaDeps): AccountQuota {
  const { store, now } = deps
  const permits = new Map<string, LocalPermits>()
  const ownCooldowns = new Map<string, Cooldown>()
  let known: StoredState | undefined
  let readAt = Number.NEGATIVE_INFINITY
  let restUntil = Number.NEGATIVE_INFINITY
  let syncing: Promise<void> | undefined
  /** Set while a report is due. */
  let cancelReport: (() => void) | undefined
  let closed = false

  return {
    async permit(rules) {
      const counted = rules.flatMap((rule) => (rule.counted ? [permitsOf(rule, rule.counted)] : []))
      for (;;) {
        const at = now()
        const spent = coolingDown(rules, at) ?? usedUp(rules, at)
        if (spent) return spent
        const lacking = counted.filter((each) => !each.ready(at))
        if (lacking.length === 0 && (counted.length > 0 || at < readAt + FRESH_MS)) {
          return permitOf(counted.map((each) => each.take()))
        }
        if (at < restUntil || !(await syncedInTime(lacking))) {
          return permitOf(counted.map((each) => (each.ready(at) ? each.take() : each.takeWithoutLease())))
        }
      }
    },
    recordQuotaHeaders(rule, observation) {
      if (rule.counted) permitsOf(rule, rule.counted).recordQuotaHeaders(observation)
    },
    windowOf: (rule) => rule.counted && permitsOf(rule, rule.counted).window,
    async startCooldown(rules, cooldown) {
      for (const { policy } of rules) {
        if ((ownCooldowns.get(policy)?.until ?? 0) < cooldown.until) ownCooldowns.set(policy, cooldown)
      }
      // One under way may have begun before.
      if (syncing && !(await syncedInTime([]))) return
      if (rules.some(({ policy }) => (known?.windows[policy]?.cooldown?.until ?? 0) < cooldown.until))
        await syncedInTime([])
    },
    close,
  }

  async function close(): Promise<void> {
    for (const each of permits.values()) each.close()
    if (syncing) await syncedInTime([])
    if (reportInMs() !== undefined) await syncedInTime([])
    closed = true
    cancelReport?.()
  }

  function reportInMs(): number | undefined {
    const waits = [...permits.values()].flatMap((each) => each.reportInMs() ?? [])
    return waits.length > 0 ? Math.min(...waits) : undefined
  }

  function reportLater(): void {
    const waitMs = reportInMs()
    if (waitMs === undefined || closed) return
    cancelReport = deps.timer.after(waitMs, () => {
      cancelReport = undefined
      if (now() >= restUntil && reportInMs() !== undefined) void syncedInTime([])
    })
  }

  function permitOf(taken: readonly EndCall[]): Permit {
    return {
      release() {
        for (const end of taken) end(now())
        // In the background: the answer that has just come does not wait for it.
        if (!cancelReport) reportLater()
      },
    }
  }

  function permitsOf(rule: QuotaRule, counted: NonNullable<QuotaRule['counted']>): LocalPermits {
    const found = permits.get(rule.policy) ?? localPermits(counted, deps.share)
    permits.set(rule.policy, found)
    return found
  }

  function coolingDown(rules: readonly QuotaRule[], at: number): QuotaDenial | undefined {
    let longest: QuotaDenial | undefined
    for (const rule of rules) {
      const window = known?.windows[rule.policy]
      const cooldown = later(ownCooldowns.get(rule.policy), window?.cooldown)
      if (!cooldown || cooldown.until <= at || cooldown.until <= (longest?.opensAt ?? 0)) continue
      const windowMs = window?.windowMs ?? (rule.counted && rule.counted.windowS * 1_000)
      const limit = window?.limit ?? rule.counted?.limit
      const usable = limit === undefined ? undefined : usableLimit(limit, deps.share)
      longest = { rule, why: cooldown.why, opensAt: cooldown.until, limit: usable, windowMs }
    }
    return longest
  }

  function usedUp(rules: readonly QuotaRule[], at: number): QuotaDenial | undefined {
    for (const rule of rules) {
      const each = permits.get(rule.policy)
      const denied = each?.ready(at) === false ? each.denied(at) : undefined
      if (!denied) continue
      const { usable: limit, windowMs } = denied.window
      return { rule, why: 'used_up', opensAt: denied.opensAt, limit, windowMs }
    }
    return undefined
  }

  /** False when the store did not answer in time. Callers share one exchange, and those who wait are counted. */
  async function syncedInTime(lacking: readonly LocalPermits[]): Promise<boolean> {
    syncing ??= sync().finally(() => {
      syncing = undefined
    })
    for (const each of lacking) each.waiting += 1
    try {
      await deadline(syncing, STORE_TIMEOUT_MS, { timer: deps.timer })
      return true
    } catch (error) {
      if (now() >= restUntil) deps.onError(error instanceof DeadlineExceeded ? tooSlow(error, accountId) : error)
      restUntil = now() + REST_MS
      return false
    } finally {
      for (const each of lacking) each.waiting -= 1
    }
  }

  async function sync(): Promise<void> {
    // Callers of the same turn of the event loop join, so that one exchange leases for all of them.
    await Promise.resolve()
    for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
      const remembered = tries === 0 && known !== undefined
      const seen: StoredState = remembered && known ? known : await read()
      const at = now()
      const { windows, stored } = proposal(seen.windows, at)
      if (windows === seen.windows) {
        // Nothing to write, so nothing has proved that what is remembered is still so.
        if (remembered) continue
        known = seen
      } else if (await store.write(accountId, seen.ver, writeWindowStates(windows))) {
        known = { ver: seen.ver + 1, windows }
      } else continue
      readAt = at
      for (const [policy, { until }] of ownCooldowns) if (until <= at) ownCooldowns.delete(policy)
      for (const each of stored) each()
      return
    }
    throw new Error(`Cannot share the quota of ${accountId}: other processes were first ${MAX_ATTEMPTS} times in a row`)
  }

  async function read(): Promise<StoredState> {
    const found = await store.read(accountId)
    return found ? { ver: found.ver, windows: readWindowStates(found.state) } : { ver: 0, windows: {} }
  }

  /** What the windows should be; the same object when nothing changes. */
  function proposal(seen: WindowStates, at: number): { windows: WindowStates; stored: (() => void)[] } {
    const changed: Record<string, WindowState> = {}
    const stored: (() => void)[] = []
    for (const [policy, each] of permits) {
      const was = seen[policy] ?? emptyWindow
      const synced = each.syncWithStore(was, at, deps.newId)
      stored.push(synced.stored)
      if (synced.state !== was) changed[policy] = synced.state
    }
    for (const [policy, cooldown] of ownCooldowns) {
      const was = changed[policy] ?? seen[policy] ?? emptyWindow
      if (cooldown.until > at && cooldown.until > (was.cooldown?.until ?? 0)) changed[policy] = { ...was, cooldown }
    }
    return { windows: Object.keys(changed).length === 0 ? seen : { ...seen, ...changed }, stored }
  }
}

function tooSlow(cause: DeadlineExceeded, accountId: string): Error {
  return new Error(`Cannot share the quota of ${accountId}: the store took longer than ${cause.ms} ms`, { cause })
}

function later(one: Cooldown | undefined, other: Cooldown | undefined): Cooldown | undefined {
  return one && other ? (one.until >= other.until ? one : other) : (one ?? other)
}
