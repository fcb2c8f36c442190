/**
 * @module
 * A run as plain lines, for logs and pipes: only what a person would want to know afterwards, and what happens to many
 * calls at once only once.
 */
import { duration } from './progress-frame.ts'
import type { ProgressEvent } from './read-progress.ts'
import type { RunProgress } from './run-progress.ts'

/** Waits shorter than this are not worth a line. */
const LONG_MS = 1000
/** A tool that stays slow is reported again after this. */
const SLOW_AGAIN_MS = 60_000
const PARTS = 10

/** @returns the line for an event that `progress` has just counted, or undefined when it needs none. */
export function progressLines(): (event: ProgressEvent, progress: RunProgress, nowMs: number) => string | undefined {
  const waitingUntil = new Map<string, number>()
  const reportedSlow = new Map<string, number>()
  const reportedParts = new Map<string, number>()
  return (event, progress, nowMs) => {
    if (event.type === 'rate_limited' && event.waitMs > 0) {
      if (nowMs < (waitingUntil.get(event.account) ?? 0)) return undefined
      waitingUntil.set(event.account, nowMs + event.waitMs)
      return `${event.account}: the rate limit is met; all its calls wait ${duration(event.waitMs)}`
    }
    if (event.type === 'sla_exceeded') {
      const key = JSON.stringify([event.account, event.tool])
      if (nowMs < (reportedSlow.get(key) ?? Number.NEGATIVE_INFINITY) + SLOW_AGAIN_MS) return undefined
      reportedSlow.set(key, nowMs)
      return `${event.account}: ${event.tool} took ${seconds(event.ms)}, more than ${seconds(event.slaMs)}`
    }
    if (event.type !== 'mapped') return lineOf(event)
    const row = [...progress.rows.values()].findLast(({ name, mapped }) => mapped && name === event.node)
    const part = row?.mapped ? Math.floor((PARTS * row.mapped.done) / row.mapped.total) : 0
    if (part === (reportedParts.get(event.node) ?? 0)) return undefined
    reportedParts.set(event.node, part)
    return `${event.node}: ${row?.note}`
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function lineOf(event: ProgressEvent): string | undefined {
  switch (event.type) {
    case 'task_started':
      return `${event.task}: ${event.agent} starts`
    case 'task_ended':
      return `${event.task}: ${event.agent} ${event.ok ? 'is done' : 'gives up'}`
    case 'answer_refused':
      return `${event.task}: answer ${event.attempt} of ${event.attempts} is refused`
    case 'model_paced':
      return event.waitMs < LONG_MS ? undefined : `${event.task}: waits ${duration(event.waitMs)} for the model's pace`
    case 'tool_started':
      return `${event.task}: ${event.agent} calls ${event.tool}`
    case 'rate_limited': {
      const until = event.retryAfterS === undefined ? '' : ` (${duration(event.retryAfterS * 1000)})`
      return `${event.account}: the rate limit is met by ${event.tool}, and not waited for${until}`
    }
    case 'retry':
      return `${event.account}: ${event.tool} failed (${event.code}) and is tried again`
    case 'tool_result':
      return event.ok ? undefined : `${event.account}: ${event.tool} failed (${event.code ?? 'error'})`
    case 'page':
      return `${event.into}: page ${event.pages}, ${event.items} records`
    default:
      return undefined
  }
}
