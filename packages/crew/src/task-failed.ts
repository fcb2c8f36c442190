/**
 * @module
 * A task whose answer did not hold, however often its agent tried. The crew stops: what follows would rest on nothing.
 */
import type { FinishedTasks, RunReport } from './crew-report.ts'

/** What is known of a task that failed. */
export interface TaskFailure {
  readonly task: string
  readonly agent: string
  readonly attempts: number
  /** What was wrong with the last answer. */
  readonly reason: string
  /** The agent's last answer, as it gave it; JSON when it had a form. It may hold what the agent read in records. */
  readonly text: string
  /** What this task took. */
  readonly report: RunReport
  /** What the tasks before it, and those beside it that are done, have come to. Answers may hold what records hold. */
  readonly finished: FinishedTasks
  /** Where the run goes on after its last finished task, when it has a checkpointer. */
  readonly threadId?: string
}

/**
 * A task ended without an accepted answer. The message names the task and the fault; what agents said is in `text`
 * and `finished` only, so that logs do not repeat it.
 */
export class TaskFailed extends Error implements TaskFailure {
  override readonly name = 'TaskFailed'
  readonly task: string
  readonly agent: string
  readonly attempts: number
  readonly reason: string
  readonly text: string
  readonly report: RunReport
  readonly finished: FinishedTasks
  readonly threadId?: string

  constructor({ task, agent, attempts, reason, text, report, finished, threadId }: TaskFailure) {
    super(`Cannot finish task "${task}": ${agent} gave no valid answer in ${attempts} attempts: ${reason}`)
    this.task = task
    this.agent = agent
    this.attempts = attempts
    this.reason = reason
    this.text = text
    this.report = report
    this.finished = finished
    if (threadId !== undefined) this.threadId = threadId
    // Not listed, so that a logger which prints an error's own properties does not print them.
    for (const hidden of ['text', 'finished']) Object.defineProperty(this, hidden, { enumerable: false })
  }
}
