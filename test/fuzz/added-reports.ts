/** @module Adds up what was found by fuzzing in several processes and parts. */
import type { FuzzReport } from './fuzz.ts'
import type { TargetReport } from './fuzz-target.ts'
import { worstGrowth } from './memory.ts'

/** Counts are added; of the servers' memory the worst is kept. */
export function addedReports(reports: readonly FuzzReport[]): FuzzReport {
  const sum = (of: (report: FuzzReport) => number) => reports.reduce((total, report) => total + of(report), 0)
  const names = [...new Set(reports.flatMap(({ targets }) => Object.keys(targets)))]
  return {
    inputs: sum((report) => report.inputs),
    log_lines: sum((report) => report.log_lines),
    spoiled_answers: sum((report) => report.spoiled_answers),
    memory_mb: worstGrowth(reports.map((report) => report.memory_mb)),
    targets: Object.fromEntries(
      names.map((name) => [name, added(reports.flatMap(({ targets }) => targets[name] ?? []))]),
    ),
    wrong: reports.flatMap(({ wrong }) => wrong),
  }
}

function added(reports: readonly TargetReport[]): TargetReport {
  const outcomes = new Map<string, number>()
  for (const report of reports) {
    for (const [name, count] of Object.entries(report.outcomes)) outcomes.set(name, (outcomes.get(name) ?? 0) + count)
  }
  const failure = reports.find((report) => report.failure)?.failure
  return {
    inputs: reports.reduce((sum, { inputs }) => sum + inputs, 0),
    failures: reports.reduce((sum, { failures }) => sum + failures, 0),
    outcomes: Object.fromEntries([...outcomes].sort(([, a], [, b]) => b - a)),
    ...(failure ? { failure } : {}),
  }
}
