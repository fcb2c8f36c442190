/**
 * @module
 * Runs one target with so many inputs of a seed. What fails is made as small as it can be made, and said with all that
 * it takes to see it again.
 */
import fc from 'fast-check'
import type { FuzzTestbed } from './fuzz-testbed.ts'
import type { Target } from './target.ts'

export interface TargetReport {
  readonly inputs: number
  readonly failures: number
  /** How often each outcome came, the most frequent first. */
  readonly outcomes: Readonly<Record<string, number>>
  /** What it takes to see the failure again; absent when there is none. */
  readonly failure?: { readonly found: string; readonly input: string; readonly path: string }
}

export interface FuzzOptions {
  readonly testbed: FuzzTestbed
  /** Throws or rejects for what has happened beside the answer. */
  readonly check: () => Promise<void> | void
  /** Whether there is nothing left to send to. */
  readonly isOver?: () => boolean
  readonly seed: number
  readonly inputs: number
  readonly step: () => void
}

/** More than this of an input is not printed. */
const SHOWN = 2_000

export async function fuzzTarget<Input>(target: Target<Input>, options: FuzzOptions): Promise<TargetReport> {
  const { testbed, check, isOver = () => false, seed, inputs, step } = options
  const outcomes = new Map<string, number>()
  let tried = 0
  let ended = false
  const property = fc.asyncProperty(target.inputs(testbed), async (input) => {
    // Nothing can be made smaller against a process that is gone: the input it has died of is the one to show.
    if (ended) return
    tried += 1
    if (tried <= inputs) step()
    let outcome: string
    try {
      outcome = await target.attempt(testbed, input)
      // What nobody awaits is noticed a turn later.
      await new Promise((resolve) => setImmediate(resolve))
      await check()
    } catch (error) {
      // A server that dies hangs up first; that it died says more.
      await check()
      throw error
    } finally {
      ended = isOver()
    }
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  })
  const run = await fc.check(property, { seed, numRuns: inputs, interruptAfterTimeLimit: undefined })
  const counted = Object.fromEntries([...outcomes].sort(([, a], [, b]) => b - a))
  const report = { inputs: run.numRuns, failures: run.failed ? 1 : 0, outcomes: counted }
  if (!run.failed) return report
  const shown = fc.stringify(run.counterexample)
  const input = shown.length > SHOWN ? `${shown.slice(0, SHOWN)}… (${shown.length} characters)` : shown
  const found = run.errorInstance instanceof Error ? run.errorInstance.message : String(run.errorInstance)
  return { ...report, failure: { found, input, path: run.counterexamplePath ?? '' } }
}
