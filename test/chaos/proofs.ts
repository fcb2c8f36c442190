/**
 * @module
 * What is proved, how often, and when it holds. Every proof has a control: the same harness with a naive algorithm, or
 * the count of faults that have struck.
 */
import { announce } from './announce.ts'
import { broken } from './broken.ts'
import { killRounds } from './kill.ts'
import { pause } from './pause.ts'
import { race } from './race.ts'
import { raceOverMcp } from './race-over-mcp.ts'
import { rotate } from './rotate.ts'
import type { Setting } from './setting.ts'
import { stopOverHttp } from './stop-over-http.ts'

export interface Proof {
  readonly result: object
  /** What the same harness shows when the algorithm is naive, or that its faults have struck at all. */
  readonly control: object
  readonly holds: boolean
}

export interface ProofKind {
  /** For people who ask what there is. */
  readonly about: string
  /** Rounds, accounts or rows. */
  readonly quick: number
  readonly full: number
  prove(size: number, setting: Setting): Promise<Proof>
}

/** Controls are not progress. */
const silent = (setting: Setting): Setting => ({ ...setting, step: () => {} })

export const proofs: { readonly [name: string]: ProofKind } = {
  race: {
    about: '4 processes x 50 callers at the moment of expiry: one refresh a round, no call fails',
    quick: 50,
    full: 1_000,
    async prove(size, setting) {
      const result = await race(size, setting)
      const naive = await race(3, silent(setting), true)
      return {
        result,
        control: { naive_rounds: naive.rounds, naive_lost: naive.lost },
        holds: once(result) && naive.lost > 0,
      }
    },
  },
  race_over_mcp: {
    about: 'the same through 4 servers, with tool calls over HTTP',
    quick: 10,
    full: 100,
    async prove(size, setting) {
      const result = await raceOverMcp(size, setting)
      const naive = await raceOverMcp(10, silent(setting), true)
      return {
        result,
        control: { naive_rounds: naive.rounds, naive_lost: naive.lost },
        holds: once(result) && naive.lost > 0,
      }
    },
  },
  broken_authority: {
    about: 'a fifth of the requests fail, some are slower than three leases: no token is sent twice at once',
    quick: 4,
    full: 30,
    async prove(size, setting) {
      const result = await broken(size, setting, { losing: false })
      const naive = await broken(2, silent(setting), { losing: false, naive: true })
      const naiveLost = naive.lost + naive.not_recovered
      return {
        result,
        control: { naive_overlaps: naive.overlaps, naive_lost: naiveLost },
        holds: sound(result) && result.faults > 0 && naiveLost > 0,
      }
    },
  },
  broken_authority_losing_replies: {
    about: 'the same with answers lost after the fact, by an authority with grace: nothing is lost',
    quick: 4,
    full: 30,
    async prove(size, setting) {
      const result = await broken(size, setting, { losing: true })
      const holds = sound(result) && result.lost === 0 && result.faults > 0
      return { result, control: { faults: result.faults }, holds }
    },
  },
  paused_holder: {
    about: 'SIGSTOP to the holder of a lease for longer than the lease, then SIGCONT: nothing is sent twice or lost',
    quick: 3,
    full: 25,
    async prove(size, setting) {
      const result = await pause(size, setting)
      const noTakeoverDelay = await pause(10, silent(setting), true)
      const { overlaps, lost, not_recovered, holders_stopped } = result
      return {
        result,
        control: { lost_with_a_lease_that_only_times_out: noTakeoverDelay.lost, overlaps: noTakeoverDelay.overlaps },
        holds:
          overlaps + lost + not_recovered === 0 &&
          holders_stopped > 0 &&
          noTakeoverDelay.lost + noTakeoverDelay.overlaps > 0,
      }
    },
  },
  kill_with_grace: {
    about: 'kill -9 around a refresh, the authority forgives repetition: nothing is lost',
    quick: 6,
    full: 200,
    async prove(rounds, setting) {
      const result = await killRounds(setting, { rounds, signal: 'SIGKILL', graceMs: 30_000 })
      const holds = result.lost === 0 && result.recovery_ms_max <= 1_000 && result.hits > 0
      return { result, control: { kills_in_round_trip: result.hits }, holds }
    },
  },
  kill_strict: {
    about: 'kill -9, the authority punishes repetition: losses only inside its round trip, and labelled',
    quick: 6,
    full: 200,
    async prove(rounds, setting) {
      const result = await killRounds(setting, { rounds, signal: 'SIGKILL', graceMs: 0 })
      const labelled = result.lost_outside_round_trip === 0 && result.mislabelled === 0
      const holds = labelled && result.recovery_ms_max <= 1_000 && result.hits > 0
      return { result, control: { kills_in_round_trip: result.hits }, holds }
    },
  },
  stop_strict: {
    about: 'SIGTERM around a refresh: nothing is lost, every caller in the process is answered',
    quick: 6,
    full: 200,
    async prove(rounds, setting) {
      const result = await killRounds(setting, { rounds, signal: 'SIGTERM', graceMs: 0 })
      const clean = result.dropped_calls === 0 && result.exit_codes_bad === 0
      const holds = clean && result.lost === 0 && result.hits > 0
      return { result, control: { stops_in_round_trip: result.hits }, holds }
    },
  },
  stop_over_http: {
    about: 'SIGTERM to a server with tool calls under way: every call is answered, nothing is lost',
    quick: 5,
    full: 50,
    async prove(size, setting) {
      const result = await stopOverHttp(size, setting)
      const killed = await stopOverHttp(2, silent(setting), 'SIGKILL')
      const { dropped_calls, lost, exit_codes_bad, under_way } = result
      return {
        result,
        control: { calls_under_way: under_way, dropped_by_sigkill: killed.dropped_calls },
        holds: dropped_calls + lost + exit_codes_bad === 0 && under_way > 0 && killed.dropped_calls > 0,
      }
    },
  },
  notifications: {
    about: 'processes die while accounts come to need their users: exactly one notification each',
    quick: 50,
    full: 500,
    async prove(size, setting) {
      const result = await announce(size, setting)
      const holds = result.wrong_rows === 0 && result.wrong_deliveries === 0 && result.repeated_deliveries > 0
      return { result, control: { kills: result.kills, repeated_deliveries: result.repeated_deliveries }, holds }
    },
  },
  key_rotation: {
    about: 'every sealed row moves to a new key under load: no call fails, none is left behind',
    quick: 500,
    full: 10_000,
    async prove(size, setting) {
      const result = await rotate(size, setting)
      const holds = result.failed_calls === 0 && result.left_behind === 0 && result.old_key_left_behind > 0
      return { result, control: { rows_only_the_old_key_misses: result.old_key_left_behind }, holds }
    },
  },
}

function once(result: Awaited<ReturnType<typeof race>>): boolean {
  return result.refreshes === result.rounds && result.failed_calls === 0 && result.lost === 0
}

function sound(result: Awaited<ReturnType<typeof broken>>): boolean {
  const { overlaps, mislabelled, false_needs_reauth, not_recovered } = result
  return overlaps + mislabelled + false_needs_reauth + not_recovered === 0
}
