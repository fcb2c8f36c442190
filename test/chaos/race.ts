/**
 * @module
 * Many callers in many processes at the moment of expiry, against an authority that kills a grant whose refresh token
 * comes twice. Every round must cost one refresh.
 */

import { LIFETIME_MS, openChaosTestbed } from './chaos-testbed.ts'
import type { Setting } from './setting.ts'

const PROCESSES = 4
const CALLERS = 50

export interface RaceResult {
  readonly rounds: number
  readonly refreshes: number
  readonly calls: number
  readonly failed_calls: number
  readonly lost: number
}

export async function race(rounds: number, { store, step }: Setting, naive = false): Promise<RaceResult> {
  const testbed = await openChaosTestbed('hubspot', store)
  try {
    const workers = await Promise.all(Array.from({ length: PROCESSES }, () => testbed.worker({ naive })))
    let account = await testbed.connect()
    const control = testbed.authority.control('hubspot')
    control.resetCounters()
    let [calls, failed, lost] = [0, 0, 0]
    for (let round = 1; round <= rounds; round++) {
      const order = { offset: round * LIFETIME_MS, callers: CALLERS, accounts: [account], sweep: !naive }
      const replies = await Promise.all(workers.map((worker) => worker.tell(order)))
      const values = new Set(replies.flatMap((reply) => Object.values(reply?.values ?? {})))
      const ok = replies.reduce((sum, reply) => sum + (reply?.ok ?? 0), 0)
      calls += PROCESSES * CALLERS
      failed += PROCESSES * CALLERS - ok
      const [value] = values
      const alive = values.size === 1 && value !== undefined && (await testbed.works(value))
      step(round, rounds)
      if (!alive) {
        lost += 1
        await testbed.store.accounts.disconnect(account, Date.now())
        account = await testbed.connect()
      }
    }
    const refreshes = control.counters().tokenCalls['refresh_token'] ?? 0
    return { rounds, refreshes, calls, failed_calls: failed, lost }
  } finally {
    await testbed.close()
  }
}
