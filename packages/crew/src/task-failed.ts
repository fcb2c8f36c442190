/**
 * @module
 * A task whose answer did not hold, however often its agent tried. The crew stops: what follows would rest on nothing.
 */
import type { Report } from './crew-report.ts'

export class TaskFailed extends Error {
  override readonly name = 'TaskFailed'
  readonly task: string
  readonly agent: string
  readonly attempts: number
  /** What was wrong with the last answer. */
  readonly reason: string
  readonly report: Report

  constructor(task: string, agent: string, attempts: number, reason: string, report: Report) {
    super(`Cannot finish task "${task}": ${agent} gave no valid answer in ${attempts} attempts: ${reason}`)
    this.task = task
    this.agent = agent
    this.attempts = attempts
    this.reason = reason
    this.report = report
  }
}
