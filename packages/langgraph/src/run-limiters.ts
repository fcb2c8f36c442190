/**
 * @module
 * The limiter of one run of a graph. Its counts are those of the messages in the graph's state, read anew at each call, so they
 * are saved and resumed with the state and nothing is kept here. A graph whose tools are called without messages, by nodes of
 * its own, is counted from its start to its end or next interrupt. Outside of a graph there is no run, and nothing is counted.
 */
import { RunLimiter, type RunLimits } from '@quartermaster/client'
import { callsBefore, type RunCall } from './run-calls.ts'

/** As much of what a tool node hands to a tool as tells one run from another. */
export interface RunConfig {
  /** The state that the tool node works on. */
  readonly state?: unknown
  readonly toolCall?: { readonly id?: string | undefined } | undefined
  /** The run's own control object: one from an invocation to its end or interrupt, its subgraphs included. */
  readonly control?: unknown
}

type Args = RunCall['args']

/** Of the calls in a conversation, those that count: their arguments as the tool gets them. */
export type Counted = (name: string, args: Args) => Args | undefined

export type RunLimiterOf = (config: RunConfig | undefined) => RunLimiter | undefined

export function runLimiters(options: RunLimits, counted: Counted): RunLimiterOf {
  const byControl = new WeakMap<object, RunLimiter>()
  return (config) => {
    const calls = callsBefore(config?.state, config?.toolCall?.id)
    if (calls) return runLimiterAfter(calls, options, counted)
    const control = config?.control
    if (typeof control !== 'object' || control === null) return undefined
    const limiter = byControl.get(control) ?? new RunLimiter(options)
    byControl.set(control, limiter)
    return limiter
  }
}

/** A limiter that has seen these calls. */
export function runLimiterAfter(calls: readonly RunCall[], options: RunLimits, counted: Counted): RunLimiter {
  const limiter = new RunLimiter(options)
  for (const { name, args, ended } of calls) {
    const sent = ended === 'refused' ? undefined : counted(name, args)
    if (!sent) continue
    limiter.count(name, sent)
    if (ended === 'ok' || ended === 'failed') limiter.record(ended === 'ok')
  }
  return limiter
}
