/**
 * @module
 * Fuzzes in several processes at once, each with a server and a seed of its own, and adds up what they report.
 */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { FuzzReport, FuzzRun } from './fuzz.ts'
import type { TargetReport } from './fuzz-target.ts'

type Told = { readonly done: number } | { readonly report: FuzzReport }

/** The n-th process has the seed + n. @throws Error when one ends without a report. */
export async function fuzzApart({
  processes,
  seed,
  inputs,
  only,
  step,
}: FuzzRun & { readonly processes: number }): Promise<FuzzReport> {
  const done = Array<number>(processes).fill(0)
  const reports = await Promise.all(
    done.map((_, at) => {
      const run = { seed: seed + at, inputs: Math.ceil(inputs / processes), only }
      return inProcess(run, (count) => {
        done[at] = count
        step(
          done.reduce((sum, each) => sum + each, 0),
          inputs,
        )
      })
    }),
  )
  const sum = (of: (report: FuzzReport) => number) => reports.reduce((total, report) => total + of(report), 0)
  const names = Object.keys(reports[0]?.targets ?? {})
  return {
    inputs: sum((report) => report.inputs),
    log_lines: sum((report) => report.log_lines),
    spoiled_answers: sum((report) => report.spoiled_answers),
    rss_growth_mb: Math.max(...reports.map((report) => report.rss_growth_mb)),
    targets: Object.fromEntries(
      names.map((name) => [name, added(reports.flatMap(({ targets }) => targets[name] ?? []))]),
    ),
    wrong: reports.flatMap(({ wrong }) => wrong),
  }
}

function inProcess(run: object, step: (done: number) => void): Promise<FuzzReport> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'fuzz-process.ts'), [JSON.stringify(run)], {
      execArgv: ['--expose-gc', '--conditions=quartermaster-source'],
    })
    child.on('message', (told: Told) => {
      if ('report' in told) resolve(told.report)
      else step(told.done)
    })
    child.once('exit', (code) =>
      reject(new Error(`Cannot fuzz: a process crashed with ${code}; run ${JSON.stringify(run)}`)),
    )
  })
}

function added(reports: readonly TargetReport[]): TargetReport {
  const outcomes: Record<string, number> = {}
  for (const report of reports) {
    for (const [name, count] of Object.entries(report.outcomes)) outcomes[name] = (outcomes[name] ?? 0) + count
  }
  const failure = reports.find((report) => report.failure)?.failure
  return {
    inputs: reports.reduce((sum, { inputs }) => sum + inputs, 0),
    failures: reports.reduce((sum, { failures }) => sum + failures, 0),
    outcomes,
    ...(failure ? { failure } : {}),
  }
}
