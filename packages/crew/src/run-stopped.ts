/**
 * @module
 * A run in one call that has met something to wait for: a person's approval, or a limit that lasts.
 */
import { z } from 'zod'

const waiting = z.array(z.object({ value: z.unknown() }))

/**
 * The thread keeps what is finished. After a limit, run again with the same thread; a person's answer goes in through
 * `compile` and a `Command`.
 */
export class RunStopped extends Error {
  override readonly name = 'RunStopped'
  /** What the graph waits for: the values of its interrupts. */
  readonly interrupts: readonly unknown[]
  readonly threadId: string | undefined

  constructor(crew: string, threadId: string | undefined, waits: readonly unknown[]) {
    super(`Cannot finish crew "${crew}" in one go: it has stopped on thread "${threadId}" for an answer or a time`)
    this.interrupts = (waiting.safeParse(waits).data ?? []).map(({ value }) => value)
    this.threadId = threadId
  }
}
