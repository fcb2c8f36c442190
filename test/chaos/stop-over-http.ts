/**
 * @module
 * A server that has calls under way is asked to stop, at a random moment around the refresh they wait for. Every call is
 * answered, and the grant outlives the server.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { admin, callTool, type ToolAnswer } from '@quartermaster/testing/testbed'
import { LIFETIME_MS, openChaosTestbed, type ServerChild } from './chaos-testbed.ts'
import type { Setting } from './setting.ts'

const CALLERS = 20
/** Of the line in each direction, at most. */
const LATENCY_MS = 40
/** For the calls to arrive. */
const ARRIVAL_MS = 20
const TOOL = 'list_all_hub_spot_contacts'

export interface StopResult {
  readonly rounds: number
  readonly calls: number
  /** Calls that were under way when the server was asked to stop. */
  readonly under_way: number
  readonly dropped_calls: number
  readonly lost: number
  readonly exit_codes_bad: number
  readonly stop_ms_max: number
}

/** @param signal SIGKILL is the control: it must drop what SIGTERM does not */
export async function stopOverHttp(
  rounds: number,
  { store, random, step }: Setting,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<StopResult> {
  const testbed = await openChaosTestbed('hubspot', store)
  testbed.authority.fate = () => ({ beforeMs: random() * LATENCY_MS, afterMs: random() * LATENCY_MS, stubborn: true })
  testbed.authority.apiMs = () => random() * LATENCY_MS
  const start = () => testbed.server({ background: false })
  const result = { underWay: 0, dropped: 0, lost: 0, badExits: 0, slowest: 0 }
  try {
    const survivor = await start()
    const connected = async () => {
      const account = await testbed.connect()
      return String(
        (await admin(survivor, 'POST', `/integrated-account/${account}/mcp`, { name: 'chaos' })).body['token'],
      )
    }
    let [url, next] = [await connected(), start()]
    for (let round = 1; round <= rounds; round++) {
      const victim = await next
      next = start()
      const offset = round * LIFETIME_MS
      await Promise.all([victim.tell({ offset }), survivor.tell({ offset })])
      let pending = CALLERS
      const calls = Array.from({ length: CALLERS }, () => called(victim, url).finally(() => (pending -= 1)))
      await delay(ARRIVAL_MS + random() * 3 * LATENCY_MS)
      result.underWay += pending
      const askedAt = performance.now()
      victim.process.kill(signal)
      result.dropped += (await Promise.all(calls)).filter((answer) => answer?.value['result_count'] !== 1).length
      if ((await victim.ended) !== 0) result.badExits += 1
      result.slowest = Math.max(result.slowest, performance.now() - askedAt)
      if ((await called(survivor, url))?.value['result_count'] !== 1) {
        result.lost += 1
        url = await connected()
      }
      step(round, rounds)
    }
    await next
  } finally {
    await testbed.close()
  }
  return {
    rounds,
    calls: rounds * CALLERS,
    under_way: result.underWay,
    dropped_calls: result.dropped,
    lost: result.lost,
    exit_codes_bad: result.badExits,
    stop_ms_max: Math.round(result.slowest),
  }
}

/** Undefined when the connection gave no answer. */
function called(server: ServerChild, url: string): Promise<ToolAnswer | undefined> {
  return callTool(server, url, TOOL).catch(() => undefined)
}
