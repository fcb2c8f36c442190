/**
 * @module
 * The verdict over what the conformance suite reported for one revision.
 */
import type { Applicability } from './applicable.ts'

export interface Check {
  readonly id: string
  readonly status: string
  readonly errorMessage?: string | undefined
}

export interface Verdict {
  readonly scenarios: number
  readonly passed: number
  readonly faults: readonly string[]
}

/** Judges `reported`, scenario → checks. A warning is a fault too, and so is an applicable scenario that checks nothing. */
export function judge(reported: ReadonlyMap<string, readonly Check[]>, applicable: Applicability): Verdict {
  const excused = new Set(Object.values(applicable.doesNotApply).flat())
  const known = new Set([...applicable.applies, ...excused])
  const unknown = [...reported.keys()].filter((scenario) => !known.has(scenario))
  const judged = applicable.applies.map((scenario) => judgeScenario(scenario, reported.get(scenario) ?? [], applicable))
  return {
    scenarios: judged.length,
    passed: judged.reduce((total, { passed }) => total + passed, 0),
    faults: [
      ...unknown.map((scenario) => `${scenario}: nobody has decided whether it applies`),
      ...judged.flatMap(({ faults }) => faults),
    ],
  }
}

function judgeScenario(scenario: string, checks: readonly Check[], { expectedFailures }: Applicability) {
  const passed = checks.filter(({ status }) => status === 'SUCCESS').length
  const faults = checks.flatMap(({ id, status, errorMessage = '' }) => {
    const isExpected = expectedFailures.includes(id)
    if (status === 'SUCCESS') return isExpected ? [`${scenario}: ${id} was expected to fail and passed`] : []
    const failed = status === 'FAILURE' || status === 'WARNING'
    return failed && !isExpected ? [`${scenario}: ${id} ${status}: ${errorMessage}`] : []
  })
  return { passed, faults: passed === 0 ? [`${scenario}: nothing was checked`, ...faults] : faults }
}
