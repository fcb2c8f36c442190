/**
 * @module
 * All targets against one server at the same time, in lanes; what came of each, and by how much the server's memory
 * grew after its caches were warm.
 */
import type { TargetReport } from './fuzz-target.ts'
import { type FuzzTestbed, openFuzzTestbed } from './fuzz-testbed.ts'
import { type Growth, memoryCurve, wrongWithGrowth } from './memory.ts'
import type { Plant } from './plant.ts'
import { closeSseLines } from './targets/sse.ts'
import { type NamedTarget, targets } from './targets.ts'

export interface FuzzReport {
  readonly inputs: number
  readonly log_lines: number
  readonly spoiled_answers: number
  /** Of the process of the server alone. */
  readonly memory_mb: Growth
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
  readonly plant?: Plant
}

/** Inputs of a target that must be there before what it saw is judged. */
const ENOUGH = 100

export async function fuzz({ seed, inputs, only, step, plant }: FuzzRun): Promise<FuzzReport> {
  const testbed = await openFuzzTestbed(plant)
  const { server } = testbed
  try {
    const chosen = targets.filter(({ name }) => only.length === 0 || only.includes(name))
    const whole = chosen.reduce((sum, { share }) => sum + share, 0)
    const counts = chosen.map(({ share }) => Math.max(1, Math.round((inputs * share) / whole)))
    const total = counts.reduce((sum, count) => sum + count, 0)
    const memory = memoryCurve(server.memory)
    let done = 0
    const stepOn = () => {
      done += 1
      memory.step(done, total)
      step(done, total)
    }
    const each = { testbed, check: server.check, isOver: server.crashed, seed, step: stepOn }
    const reports = await Promise.all(chosen.map((target, at) => target.run({ ...each, inputs: counts[at] ?? 1 })))
    const closed = server.crashed() ? [] : await closedDoors(testbed)
    const [lines, growth] = server.crashed() ? [0, nothing] : [await server.lines(), await memory.end()]
    return {
      inputs: reports.reduce((sum, report) => sum + report.inputs, 0),
      log_lines: lines,
      spoiled_answers: testbed.vendor.warped(),
      memory_mb: growth,
      targets: Object.fromEntries(chosen.map(({ name }, at) => [name, reports[at]] as [string, TargetReport])),
      wrong: [
        ...chosen.flatMap((target, at) => wrongWith(target, reports[at], seed)),
        ...closed.map((path) => `nothing was tried any more at ${path.slice(0, 9)}…: it does not open`),
        ...wrongWithGrowth(growth),
        ...(lines < total / 4 ? [`only ${lines} lines were logged and searched`] : []),
      ],
    }
  } finally {
    closeSseLines(testbed)
    await testbed.close()
  }
}

const nothing: Growth = { live: [], rss: [], live_growth: 0, rss_growth: 0 }

/** An input may not close the URL that the others go through. */
async function closedDoors({ doors, warpedDoors, ask }: FuzzTestbed): Promise<string[]> {
  const tried = [...doors, ...warpedDoors].map(async ({ path }) => {
    const { status } = await ask({ method: 'GET', path: `${path}/tools`, headers: {} })
    return status === 200 ? [] : [path]
  })
  return (await Promise.all(tried)).flat()
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
