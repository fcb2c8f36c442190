/**
 * @module
 * Fuzzes in several processes at once, each with a server and a seed of its own, and adds up what they report.
 */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { addedReports } from './added-reports.ts'
import type { FuzzReport, FuzzRun } from './fuzz.ts'

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
  return addedReports(reports)
}

function inProcess(run: object, step: (done: number) => void): Promise<FuzzReport> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'fuzz-process.ts'), [JSON.stringify(run)], {
      execArgv: ['--conditions=quartermaster-source'],
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
