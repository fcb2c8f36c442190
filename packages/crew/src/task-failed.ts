/**
 * @module
 * A task whose answer did not hold, however often its agent tried. The crew stops: what follows would rest on nothing.
 */
import type { Report } from './crew-report.ts'

export interface TaskFailure {
  readonly task: string
  readonly agent: string
  readonly attempts: number
  /** What was wrong with the last answer. */
  readonly reason: string
  /** The agent's last answer, as it gave it; JSON when it had a form. It may hold what the agent read in records. */
  readonly text: string
  readonly report: Report
}

/** The message names the task and the fault; what the agent said is in `text` only, so that logs do not repeat it. */
export class TaskFailed extends Error implements TaskFailure {
  override readonly name = 'TaskFailed'
  readonly task: string
  readonly agent: string
  readonly attempts: number
  readonly reason: string
  readonly text: string
  readonly report: Report

  constructor({ task, agent, attempts, reason, text, report }: TaskFailure) {
    super(`Cannot finish task "${task}": ${agent} gave no valid answer in ${attempts} attempts: ${reason}`)
    this.task = task
    this.agent = agent
    this.attempts = attempts
    this.reason = reason
    this.text = text
    // Not listed, so that a logger which prints an error's own properties does not print it.
    Object.defineProperty(this, 'text', { enumerable: false })
    this.report = report
  }
}
