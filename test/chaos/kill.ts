/**
 * @module
 * A process is killed at a random moment around a refresh, and another one goes on with the account. What an authority
 * that punishes repetition can lose lies inside its own round trip, and is labelled so; with grace nothing is lost.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { LIFETIME_MS, openChaosTestbed } from './chaos-testbed.ts'
import type { Setting } from './setting.ts'

/** Of the line in each direction, at most. */
const LATENCY_MS = 40
/** From the moment a reply leaves until its reader has stored it. */
const STORING_MS = 60

export interface KillResult {
  readonly rounds: number
  /** Kills that met a request of the killed process between its start and its answer's storing. */
  readonly hits: number
  readonly lost: number
  /** Losses although the killed process had stored what the authority gave it, or had asked it for nothing. */
  readonly lost_outside_round_trip: number
  readonly mislabelled: number
  readonly recovery_ms_max: number
  /** Orders that a process had taken when it was asked to stop, and did not answer. */
  readonly dropped_calls: number
  readonly exit_codes_bad: number
}

export interface KillOptions {
  readonly rounds: number
  readonly signal: 'SIGKILL' | 'SIGTERM'
  readonly graceMs: number
}

export async function killRounds(
  { store, random, step }: Setting,
  { rounds, signal, graceMs }: KillOptions,
): Promise<KillResult> {
  const testbed = await openChaosTestbed('hubspot', store)
  testbed.authority.control('hubspot').setTokens({ graceMs })
  testbed.authority.fate = () => ({
    beforeMs: random() * LATENCY_MS,
    afterMs: random() * LATENCY_MS,
    stubborn: true,
  })
  const result = { hits: 0, lost: 0, outside: 0, mislabelled: 0, slowest: 0, dropped: 0, badExits: 0 }
  try {
    const survivor = await testbed.worker({ graceMs })
    let [account, next] = [await testbed.connect(), testbed.worker({ graceMs })]
    for (let round = 1; round <= rounds; round++) {
      const victim = await next
      const order = { offset: round * LIFETIME_MS, callers: 1, accounts: [account] }
      const from = testbed.authority.attempts.length
      const before = await testbed.store.accounts.state(account)
      const answer = victim.tell({ ...order, callers: 5 })
      // Every other time the request is known to be on its way.
      const sent = () => testbed.authority.attempts.length > from
      for (let waits = 0; round % 2 === 0 && !sent() && waits < 1_000; waits++) await delay(1)
      await delay(random() * 2 * (LATENCY_MS + 10))
      const killedAt = Date.now()
      victim.process.kill(signal)
      const reply = await survivor.tell(order)
      result.slowest = Math.max(result.slowest, Date.now() - killedAt)
      // Not before: a process that starts takes the time that is measured.
      next = testbed.worker({ graceMs })
      const last = await answer
      const code = await victim.ended
      if (signal === 'SIGTERM') {
        if (last?.ok !== 5) result.dropped += 1
        if (code !== 0) result.badExits += 1
      }
      // The killed process's request may still be on its way.
      await delay(2 * LATENCY_MS + 20)
      const inside = testbed.authority.attempts
        .slice(from)
        .some(({ startedAt, endedAt }) => startedAt - 10 <= killedAt && killedAt <= endedAt + STORING_MS)
      if (inside) result.hits += 1
      step(round, rounds)
      const value = reply?.values[account]
      if (value !== undefined && (await testbed.works(value))) continue

      result.lost += 1
      const after = await testbed.store.accounts.state(account)
      // Sent out to be handled before the kill, and never stored: the window that no database closes. How long storing
      // takes depends on the machine, so the store says it, not a clock.
      const unstored = after?.ver === before?.ver
      const asked = testbed.authority.attempts.slice(from).some(({ startedAt }) => startedAt <= killedAt + LATENCY_MS)
      if (!unstored || !asked) result.outside += 1
      const ver = reply?.vers[0]
      await survivor.tell({ ...order, ...(ver === undefined ? {} : { rejected: ver }) })
      const row = await testbed.store.accounts.find(account)
      if (row?.status !== 'needs_reauth' || row.reason !== 'lost_rotation') result.mislabelled += 1
      account = await testbed.connect()
    }
    await next
  } finally {
    await testbed.close()
  }
  return {
    rounds,
    hits: result.hits,
    lost: result.lost,
    lost_outside_round_trip: result.outside,
    mislabelled: result.mislabelled,
    recovery_ms_max: result.slowest,
    dropped_calls: result.dropped,
    exit_codes_bad: result.badExits,
  }
}
