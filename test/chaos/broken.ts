/**
 * @module
 * An authority that is slow beyond the lease, breaks a fifth of its answers and claims to be busy. No refresh token may
 * ever be under way twice at the same moment, and no account may be given up: whatever is asked of a user must be true.
 */
import type { Fate } from './authority.ts'
import { LIFETIME_MS, openChaosTestbed } from './chaos-testbed.ts'
import type { Setting } from './setting.ts'

/** The workers' clocks run this much faster: their lease of 10 s lasts 1.25 s, a token request 750 ms at most. */
const SCALE = 8
const LEASE_MS = 10_000 / SCALE
const ACCOUNTS = 6
const CALLERS = 4

export interface BrokenResult {
  readonly rounds: number
  readonly attempts: number
  readonly faults: number
  readonly overlaps: number
  /** Grants that the authority had replaced without being heard; labelled so. */
  readonly lost: number
  readonly mislabelled: number
  /** Accounts that were given up although the grant that is stored works. */
  readonly false_needs_reauth: number
  /** Accounts that did not work when the authority was well again, and were not given up. */
  readonly not_recovered: number
}

export interface BrokenOptions {
  /** Also loses answers to requests that it has handled; then it forgives repetition for a minute. */
  readonly losing: boolean
  readonly naive?: boolean
}

export async function broken(rounds: number, setting: Setting, options: BrokenOptions): Promise<BrokenResult> {
  const { losing, naive = false } = options
  const { random, step } = setting
  const testbed = await openChaosTestbed('salesforce', setting.store)
  try {
    const { authority, store } = testbed
    authority.control('salesforce').setTokens({ graceMs: losing ? 60_000 : 0 })
    const graceMs = losing ? 60_000 * SCALE : 0
    const workers = await Promise.all([1, 2, 3, 4].map(() => testbed.worker({ scale: SCALE, graceMs, naive })))
    const accounts = await Promise.all(Array.from({ length: ACCOUNTS }, () => testbed.connect()))
    let faults = 0
    let notRecovered = 0
    for (let round = 1; round <= rounds; round++) {
      const order = { offset: 2 * round * LIFETIME_MS, callers: CALLERS, accounts, sweep: !naive }
      authority.fate = () => {
        const fate = fateOf(random, losing)
        if (Object.keys(fate).length > 0) faults += 1
        return fate
      }
      await Promise.all(workers.map((worker) => worker.tell(order)))
      authority.fate = () => ({})
      // Past every wait: backoff, breaker, contention.
      const later = { ...order, offset: order.offset + 900_000, sweep: false, callers: 1 }
      for (const worker of workers) {
        const reply = await worker.tell(later)
        notRecovered += reply?.failures.filter((code) => code !== 'needs_reauth').length ?? ACCOUNTS
      }
      step(round, rounds)
    }
    const flipped = (await store.accounts.list('acme')).filter(({ status }) => status !== 'active')
    // A day later every given-up grant is tried again: those that work were given up wrongly.
    const order = { offset: 2 * (rounds + 2) * LIFETIME_MS, callers: 0, accounts: [], sweep: true }
    await workers[0]?.tell(order)
    const still = (await store.accounts.list('acme')).filter(({ status }) => status !== 'active')
    const overlaps = authority.overlaps()
    if (!naive) for (const found of overlaps) console.error(JSON.stringify({ overlap: found }))
    return {
      rounds,
      attempts: authority.attempts.length,
      faults,
      overlaps: overlaps.length,
      lost: still.length,
      mislabelled: still.filter(({ reason }) => reason !== 'lost_rotation').length,
      false_needs_reauth: flipped.length - still.length,
      not_recovered: notRecovered,
    }
  } finally {
    await testbed.close()
  }
}

function fateOf(random: () => number, losing: boolean): Fate {
  const dice = random()
  if (dice < 0.04) return { instead: 'unavailable' }
  if (dice < 0.08) return { instead: 'cut' }
  if (dice < 0.12) return { instead: 'busy' }
  if (dice < 0.2) return losing ? { loseReply: true } : { instead: 'cut' }
  if (dice < 0.3) return { beforeMs: random() * 3 * LEASE_MS, ...(losing ? { stubborn: true } : {}) }
  return {}
}
