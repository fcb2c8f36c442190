/**
 * @module
 * `npm run chaos`: every proof of the vault that needs processes, crashes or a broken authority, one JSON line each.
 * `-- --full` runs them at length, `-- --seed <n>` repeats a run, `-- --only <name>` runs one. Exits with 1 when a
 * proof falls short, or when its positive control shows that it could not have failed.
 */
import { parseArgs } from 'node:util'
import { announce } from './announce.ts'
import { broken } from './broken.ts'
import { killRounds } from './kill.ts'
import { race } from './race.ts'
import { seeded } from './random.ts'
import { rotate } from './rotate.ts'

const { values } = parseArgs({
  options: { full: { type: 'boolean', default: false }, seed: { type: 'string' }, only: { type: 'string' } },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
const random = seeded(seed)
const size = (quick: number, full: number) => (values.full ? full : quick)

interface Proof {
  readonly result: object
  /** What the same harness shows when the algorithm is naive, or that its faults have struck at all. */
  readonly control: object
  readonly holds: boolean
}

const proofs: { readonly [name: string]: () => Promise<Proof> } = {
  async race() {
    const result = await race(size(20, 1_000))
    const naive = await race(3, true)
    return {
      result,
      control: { naive_rounds: naive.rounds, naive_lost: naive.lost },
      holds: result.refreshes === result.rounds && result.failed_calls === 0 && result.lost === 0 && naive.lost > 0,
    }
  },
  async broken_authority() {
    const result = await broken(size(4, 60), { losing: false, random })
    const naive = await broken(2, { losing: false, random, naive: true })
    const holds = sound(result) && result.faults > 0
    return {
      result,
      control: { naive_overlaps: naive.overlaps, naive_lost: naive.lost + naive.not_recovered },
      holds: holds && naive.lost + naive.not_recovered > 0,
    }
  },
  async broken_authority_losing_replies() {
    const result = await broken(size(4, 60), { losing: true, random })
    return {
      result,
      control: { faults: result.faults },
      holds: sound(result) && result.lost === 0 && result.faults > 0,
    }
  },
  async kill_with_grace() {
    const result = await killRounds({ rounds: size(6, 200), signal: 'SIGKILL', graceMs: 30_000, random })
    const holds = result.lost === 0 && result.recovery_ms_max <= 1_000 && result.hits > 0
    return { result, control: { kills_in_round_trip: result.hits }, holds }
  },
  async kill_strict() {
    const result = await killRounds({ rounds: size(6, 200), signal: 'SIGKILL', graceMs: 0, random })
    const labelled = result.lost_outside_round_trip === 0 && result.mislabelled === 0
    const holds = labelled && result.recovery_ms_max <= 1_000 && result.hits > 0
    return { result, control: { kills_in_round_trip: result.hits }, holds }
  },
  async stop_strict() {
    const result = await killRounds({ rounds: size(6, 200), signal: 'SIGTERM', graceMs: 0, random })
    const clean = result.dropped_calls === 0 && result.exit_codes_bad === 0
    return {
      result,
      control: { stops_in_round_trip: result.hits },
      holds: clean && result.lost === 0 && result.hits > 0,
    }
  },
  async notifications() {
    const result = await announce(size(50, 500), random)
    const holds = result.wrong_rows === 0 && result.wrong_deliveries === 0 && result.repeated_deliveries > 0
    return { result, control: { kills: result.kills, repeated_deliveries: result.repeated_deliveries }, holds }
  },
  async key_rotation() {
    const result = await rotate(size(500, 10_000), random)
    const holds = result.failed_calls === 0 && result.left_behind === 0 && result.old_key_left_behind > 0
    return { result, control: { rows_only_the_old_key_misses: result.old_key_left_behind }, holds }
  },
}

function sound(result: Awaited<ReturnType<typeof broken>>): boolean {
  const { overlaps, mislabelled, false_needs_reauth, not_recovered } = result
  return overlaps + mislabelled + false_needs_reauth + not_recovered === 0
}

let allHold = true
for (const [name, prove] of Object.entries(proofs)) {
  if (values.only !== undefined && values.only !== name) continue
  const startedAt = performance.now()
  const { result, control, holds } = await prove()
  const ms = Math.round(performance.now() - startedAt)
  console.log(JSON.stringify({ proof: name, seed, ...result, control, holds, ms }))
  allHold &&= holds
}
process.exit(allHold ? 0 : 1)
