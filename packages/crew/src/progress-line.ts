/**
 * @module
 * One event as one plain line, for logs and pipes: only what a person would want to know afterwards.
 */
import { duration } from './progress-frame.ts'
import type { ProgressEvent } from './read-progress.ts'

/** Waits shorter than this are not worth a line. */
const LONG_MS = 1000

/** The line, or undefined for an event that needs none. */
export function progressLine(event: ProgressEvent): string | undefined {
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
    case 'rate_limited':
      return event.waitMs > 0
        ? `${event.account}: rate limit met by ${event.tool}, waits ${duration(event.waitMs)}`
        : `${event.account}: rate limit met by ${event.tool}, not waited for${event.retryAfterS === undefined ? '' : ` (${duration(event.retryAfterS * 1000)})`}`
    case 'retry':
      return `${event.account}: ${event.tool} failed (${event.code}), tries again`
    case 'tool_result':
      return event.ok ? undefined : `${event.account}: ${event.tool} failed (${event.code ?? 'error'})`
    case 'page':
      return `${event.into}: page ${event.pages}, ${event.items} records`
    case 'mapped':
      return event.done === event.of ? `${event.node}: branch ${event.branch + 1} has done its ${event.of}` : undefined
    default:
      return undefined
  }
}
