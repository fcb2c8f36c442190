/**
 * @module
 * The process that holds a lease is stopped (SIGSTOP) for longer than the lease lasts, then continued, while others want
 * the same account. It must not send on a lease that has ended, and what it had already sent must not be sent again.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type ChaosTestbed, LIFETIME_MS, openChaosTestbed } from './chaos-testbed.ts'
import type { Setting } from './setting.ts'

/** The workers' clocks run this much faster: a lease of 10 s lasts 1.25 s. */
const SCALE = 8
const LEASE_MS = 10_000 / SCALE
/** Of the line in each direction, at most. */
const LATENCY_MS = 150

export interface PauseResult {
  readonly rounds: number
  /** Processes that held the lease while they were stopped. */
  readonly holders_stopped: number
  /** Of these, the ones that had sent the refresh token, and not heard the answer. */
  readonly stopped_after_sending: number
  readonly overlaps: number
  readonly lost: number
  /** Workers that got no token after all was well. */
  readonly not_recovered: number
}

/** @param noTakeoverDelay the control: leases are taken over as soon as they end, and sending is not guarded */
export async function pause(rounds: number, setting: Setting, noTakeoverDelay = false): Promise<PauseResult> {
  const { random, step } = setting
  const testbed = await openChaosTestbed('hubspot', setting.store)
  const { authority } = testbed
  authority.fate = () => ({ beforeMs: random() * LATENCY_MS, afterMs: random() * LATENCY_MS, stubborn: true })
  const result = { stopped: 0, sent: 0, lost: 0, notRecovered: 0 }
  try {
    const workers = await Promise.all([1, 2, 3].map(() => testbed.worker({ scale: SCALE, noTakeoverDelay })))
    let account = await testbed.connect()
    for (let round = 1; round <= rounds; round++) {
      const order = { offset: 2 * round * LIFETIME_MS, callers: 2, accounts: [account], sweep: true }
      const from = authority.attempts.length
      let [working, paused] = [true, true]
      const all = Promise.all(workers.map((worker) => worker.tell(order))).then(() => {
        working = false
      })
      const holder = await holderOf(testbed, account, () => working)
      if (holder !== undefined) {
        // Often at once, before the request is on its way; otherwise somewhere in the round trip.
        if (random() > 0.3) await delay(random() * 1.5 * LATENCY_MS)
        process.kill(holder, 'SIGSTOP')
        if ((await pidOf(testbed, account)) === holder) {
          result.stopped += 1
          if (authority.attempts.length > from) result.sent += 1
        }
        // The others go on wanting it all the time.
        const others = workers.filter((worker) => worker.process.pid !== holder)
        const wanting = others.map(async (worker) => {
          while (paused) await worker.tell(order)
        })
        await delay(LEASE_MS * (1.1 + 1.4 * random()))
        process.kill(holder, 'SIGCONT')
        paused = false
        await Promise.all(wanting)
      }
      await all
      const replies = await Promise.all(workers.map((worker) => worker.tell({ ...order, callers: 1 })))
      const values = new Set(replies.flatMap((reply) => Object.values(reply?.values ?? {})))
      const alive = await Promise.all([...values].map((value) => testbed.works(value)))
      if (alive.length === 1 && alive[0] === true) {
        result.notRecovered += replies.filter((reply) => reply?.ok !== 1).length
      } else {
        result.lost += 1
        account = await testbed.connect()
      }
      step(round, rounds)
      if (noTakeoverDelay && result.lost > 0) break
    }
    const overlaps = authority.overlaps()
    if (!noTakeoverDelay) for (const found of overlaps) console.error(JSON.stringify({ overlap: found }))
    return {
      rounds,
      holders_stopped: result.stopped,
      stopped_after_sending: result.sent,
      overlaps: overlaps.length,
      lost: result.lost,
      not_recovered: result.notRecovered,
    }
  } finally {
    await testbed.close()
  }
}

async function holderOf(testbed: ChaosTestbed, account: string, working: () => boolean): Promise<number | undefined> {
  for (;;) {
    const pid = await pidOf(testbed, account)
    if (pid !== undefined || !working()) return pid
    await delay(1)
  }
}

/** The process that holds the lease: owners are written as `host:pid:…`. */
async function pidOf({ store }: ChaosTestbed, account: string): Promise<number | undefined> {
  const owner = (await store.accounts.state(account))?.leaseOwner
  return owner === undefined ? undefined : Number(owner.split(':')[1])
}
