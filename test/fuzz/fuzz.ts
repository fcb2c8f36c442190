/**
 * @module
 * All targets against one server at the same time, in lanes; what came of each, and how much memory grew.
 */
import type { TargetReport } from './fuzz-target.ts'
import { openStage } from './stage.ts'
import { closeSseLines } from './targets/sse.ts'
import { type NamedTarget, targets } from './targets.ts'
import { residentMb, watch } from './watch.ts'

export interface FuzzReport {
  readonly inputs: number
  readonly log_lines: number
  readonly spoiled_answers: number
  readonly rss_growth_mb: number
  readonly targets: Readonly<Record<string, TargetReport>>
  /** What keeps the run from counting as passed. */
  readonly wrong: readonly string[]
}

export interface FuzzRun {
  readonly seed: number
  readonly inputs: number
  /** Names of targets; empty for all. */
  readonly only: readonly string[]
  /** Told after every input. */
  readonly step: (done: number, of: number) => void
}

/** More growth than this is no longer noise. */
export const MAX_GROWTH_MB = 150
/** The part of the inputs after which caches are taken for warm. */
const WARM = 0.2
/** Inputs of a target that must be there before what it saw is judged. */
const ENOUGH = 100

export async function fuzz({ seed, inputs, only, step }: FuzzRun): Promise<FuzzReport> {
  let secrets: readonly string[] = []
  const eye = watch(() => secrets)
  const stage = await openStage(eye.logged)
  secrets = stage.secrets()
  try {
    const chosen = targets.filter(({ name }) => only.length === 0 || only.includes(name))
    const whole = chosen.reduce((sum, { share }) => sum + share, 0)
    const counts = chosen.map(({ share }) => Math.max(1, Math.round((inputs * share) / whole)))
    const total = counts.reduce((sum, count) => sum + count, 0)
    let [done, warmMb] = [0, 0]
    const stepOn = () => {
      done += 1
      if (done === Math.ceil(total * WARM)) warmMb = residentMb()
      step(done, total)
    }
    const reports = await Promise.all(
      chosen.map((target, at) => target.run({ stage, watch: eye, seed, inputs: counts[at] ?? 1, step: stepOn })),
    )
    const growth = residentMb() - warmMb
    return {
      inputs: reports.reduce((sum, report) => sum + report.inputs, 0),
      log_lines: eye.lines(),
      spoiled_answers: stage.vendor.warped(),
      rss_growth_mb: growth,
      targets: Object.fromEntries(chosen.map(({ name }, at) => [name, reports[at]] as [string, TargetReport])),
      wrong: [
        ...chosen.flatMap((target, at) => wrongWith(target, reports[at], seed)),
        ...(growth >= MAX_GROWTH_MB ? [`memory grew by ${growth} MB`] : []),
        ...(eye.lines() < total / 4 ? [`only ${eye.lines()} lines were logged and searched`] : []),
      ],
    }
  } finally {
    closeSseLines(stage)
    await stage.close()
    eye.stop()
  }
}

function wrongWith({ name, mustSee }: NamedTarget, report: TargetReport | undefined, seed: number): string[] {
  if (!report) return [`${name} did not run`]
  const { failure, outcomes, inputs } = report
  if (failure) {
    return [
      `${name}: ${failure.found}\n  input ${failure.input}\n  again with --only ${name} --seed ${seed} --processes 1`,
    ]
  }
  const unseen = inputs < ENOUGH ? [] : mustSee.filter((outcome) => !Object.hasOwn(outcomes, outcome))
  return unseen.map((outcome) => `${name}: no input came to ${outcome}`)
}
