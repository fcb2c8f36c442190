/**
 * @module
 * One process's part in the budget of one account. A call takes a permit from the hand without I/O; when the hand is
 * empty, one visit to the store settles the last block and borrows the next one for all who wait.
 */

import { setTimeout as delay } from 'node:timers/promises'
import type { QuotaRule } from '@quartermaster/connectors'
import type { QuotaBudgetStore } from '../store/quota-budgets.ts'
import type { Bucket, Hold } from './bucket.ts'
import { emptyBucket, usablePart, type Window } from './bucket.ts'
import { type Counter, counter, type Over } from './counter.ts'
import type { Heard } from './heard.ts'
import { type Buckets, readState, writeState } from './state.ts'

export interface BudgetParts {
  readonly store: QuotaBudgetStore
  readonly now: () => number
  /** Part of each limit that we may use, above 0, at most 1. */
  readonly share: number
  /** Unique among all processes. */
  readonly newId: () => string
  /** The store could not be asked; calls go on without it for a while. */
  readonly onError: (error: unknown) => void
  /** Rejects when it is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>
}

/** Why a call may not be sent now. */
export interface Spent {
  readonly rule: QuotaRule
  readonly why: 'used_up' | Hold['why']
  /** Epoch milliseconds. */
  readonly opensAt: number
  /** Our part of the limit. */
  readonly limit?: number | undefined
  readonly windowMs?: number | undefined
}

/** Permission to send one call. */
export interface Permit {
  readonly why?: undefined
  /** The call is over, whatever came of it: until then, the system may still count it. */
  over(): void
}

export interface AccountBudget {
  /** A permit: the call may be sent, once, now. Waits for the store at most, never for a quota. */
  permit(rules: readonly QuotaRule[]): Promise<Permit | Spent>
  hear(rule: QuotaRule, heard: Heard): void
  /** The window as this process knows it; undefined for a quota that only the system counts. */
  windowOf(rule: QuotaRule): Window | undefined
  /** Nobody calls until then. Resolves when every process can know it, or the store takes too long. */
  hold(rules: readonly QuotaRule[], hold: Hold): Promise<void>
  /** Gives back what is in the hand, and ends what is under way. */
  close(): Promise<void>
}

/** Holds that others have set are felt after this time at the latest, unless a block is in the hand. */
const FRESH_MS = 1_000
/** A store that takes longer is gone on without; each store reports its own faults before that, most of the time. */
const STORE_TIMEOUT_MS = 2_500
/** After that, it is left alone for a while. */
const REST_MS = 1_000
/** Somebody wins every time, so this is as many processes at one moment as can be imagined. */
const MOST_TRIES = 50

interface Known {
  readonly ver: number
  readonly buckets: Buckets
}

export const abortableSleep: BudgetParts['sleep'] = (ms, signal) => delay(ms, undefined, { ref: false, signal })

export function accountBudget(accountId: string, parts: BudgetParts): AccountBudget {
  const { store, now } = parts
  const counters = new Map<string, Counter>()
  const ownHolds = new Map<string, Hold>()
  let known: Known | undefined
  let readAt = Number.NEGATIVE_INFINITY
  let restUntil = Number.NEGATIVE_INFINITY
  let visiting: Promise<void> | undefined
  let reporting = false
  const closing = new AbortController()

  return {
    async permit(rules) {
      const counted = rules.flatMap((rule) => (rule.counted ? [counterOf(rule, rule.counted)] : []))
      for (;;) {
        const at = now()
        const spent = held(rules, at) ?? usedUp(rules, at)
        if (spent) return spent
        const lacking = counted.filter((each) => !each.ready(at))
        if (lacking.length === 0 && (counted.length > 0 || at < readAt + FRESH_MS)) {
          return permitOf(counted.map((each) => each.take()))
        }
        if (at < restUntil || !(await visited(lacking))) {
          return permitOf(counted.map((each) => (each.ready(at) ? each.take() : each.takeUnasked())))
        }
      }
    },
    hear(rule, heard) {
      if (rule.counted) counterOf(rule, rule.counted).hear(heard)
    },
    windowOf: (rule) => rule.counted && counterOf(rule, rule.counted).window,
    async hold(rules, hold) {
      for (const { policy } of rules) {
        if ((ownHolds.get(policy)?.until ?? 0) < hold.until) ownHolds.set(policy, hold)
      }
      // One under way may have begun before.
      if (visiting && !(await visited([]))) return
      if (rules.some(({ policy }) => (known?.buckets[policy]?.hold?.until ?? 0) < hold.until)) await visited([])
    },
    close,
  }

  async function close(): Promise<void> {
    for (const each of counters.values()) each.close()
    if (visiting) await visited([])
    if (reportInMs() !== undefined) await visited([])
    closing.abort()
  }

  function reportInMs(): number | undefined {
    const waits = [...counters.values()].flatMap((each) => each.reportInMs() ?? [])
    return waits.length > 0 ? Math.min(...waits) : undefined
  }

  async function report(): Promise<void> {
    const waitMs = reportInMs()
    if (waitMs === undefined) return
    reporting = true
    await parts.sleep(waitMs, closing.signal).catch(() => undefined)
    reporting = false
    if (!closing.signal.aborted && now() >= restUntil && reportInMs() !== undefined) await visited([])
  }

  function permitOf(taken: readonly Over[]): Permit {
    return {
      over() {
        for (const over of taken) over(now())
        // In the background: the answer that has just come does not wait for it.
        if (!reporting) void report()
      },
    }
  }

  function counterOf(rule: QuotaRule, counted: NonNullable<QuotaRule['counted']>): Counter {
    const found = counters.get(rule.policy) ?? counter(counted, parts.share)
    counters.set(rule.policy, found)
    return found
  }

  function held(rules: readonly QuotaRule[], at: number): Spent | undefined {
    let longest: Spent | undefined
    for (const rule of rules) {
      const bucket = known?.buckets[rule.policy]
      const hold = later(ownHolds.get(rule.policy), bucket?.hold)
      if (!hold || hold.until <= at || hold.until <= (longest?.opensAt ?? 0)) continue
      const windowMs = bucket?.windowMs ?? (rule.counted && rule.counted.windowS * 1_000)
      const limit = bucket?.limit ?? rule.counted?.limit
      const usable = limit === undefined ? undefined : usablePart(limit, parts.share)
      longest = { rule, why: hold.why, opensAt: hold.until, limit: usable, windowMs }
    }
    return longest
  }

  function usedUp(rules: readonly QuotaRule[], at: number): Spent | undefined {
    for (const rule of rules) {
      const each = counters.get(rule.policy)
      const denied = each?.ready(at) === false ? each.denied(at) : undefined
      if (!denied) continue
      const { usable: limit, windowMs } = denied.window
      return { rule, why: 'used_up', opensAt: denied.opensAt, limit, windowMs }
    }
    return undefined
  }

  /** False when the store did not do its part in time. Callers share a visit, and those who wait are counted. */
  async function visited(lacking: readonly Counter[]): Promise<boolean> {
    visiting ??= visit().finally(() => {
      visiting = undefined
    })
    const abort = new AbortController()
    for (const each of lacking) each.waiting += 1
    try {
      const late = parts.sleep(STORE_TIMEOUT_MS, abort.signal).then(() => {
        throw new Error(`Cannot share the quota of ${accountId}: the store took longer than ${STORE_TIMEOUT_MS} ms`)
      })
      await Promise.race([visiting, late])
      return true
    } catch (error) {
      if (now() >= restUntil) parts.onError(error)
      restUntil = now() + REST_MS
      return false
    } finally {
      for (const each of lacking) each.waiting -= 1
      abort.abort()
    }
  }

  async function visit(): Promise<void> {
    // Who asks in the same turn joins, so that one visit borrows for all of them.
    await Promise.resolve()
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const remembered = tries === 0 && known !== undefined
      const seen: Known = remembered && known ? known : await read()
      const at = now()
      const { buckets, stored } = proposal(seen.buckets, at)
      if (buckets === seen.buckets) {
        // Nothing to write, so nothing has proved that what is remembered is still so.
        if (remembered) continue
        known = seen
      } else if (await store.write(accountId, seen.ver, writeState(buckets))) {
        known = { ver: seen.ver + 1, buckets }
      } else continue
      readAt = at
      for (const [policy, { until }] of ownHolds) if (until <= at) ownHolds.delete(policy)
      for (const each of stored) each()
      return
    }
    throw new Error(`Cannot share the quota of ${accountId}: other processes were first ${MOST_TRIES} times in a row`)
  }

  async function read(): Promise<Known> {
    const found = await store.read(accountId)
    return found ? { ver: found.ver, buckets: readState(found.state) } : { ver: 0, buckets: {} }
  }

  /** What the buckets should be; the same object when nothing changes. */
  function proposal(seen: Buckets, at: number): { buckets: Buckets; stored: (() => void)[] } {
    const changed: Record<string, Bucket> = {}
    const stored: (() => void)[] = []
    for (const [policy, each] of counters) {
      const was = seen[policy] ?? emptyBucket
      const visit = each.visit(was, at, parts.newId)
      stored.push(visit.stored)
      if (visit.bucket !== was) changed[policy] = visit.bucket
    }
    for (const [policy, hold] of ownHolds) {
      const was = changed[policy] ?? seen[policy] ?? emptyBucket
      if (hold.until > at && hold.until > (was.hold?.until ?? 0)) changed[policy] = { ...was, hold }
    }
    return { buckets: Object.keys(changed).length === 0 ? seen : { ...seen, ...changed }, stored }
  }
}

function later(one: Hold | undefined, other: Hold | undefined): Hold | undefined {
  return one && other ? (one.until >= other.until ? one : other) : (one ?? other)
}
