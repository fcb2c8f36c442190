/**
 * @module
 * A process of one of our scripts, which is told JSON lines and answers each with one; and all of them, so that an
 * interrupted run leaves none.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Child<Told extends object, Answer extends { readonly id: number }> {
  readonly process: ChildProcess
  /** Resolves with the exit code, null after a kill. */
  readonly ended: Promise<number | null>
  /** The line that said that it is ready. */
  readonly ready: Answer
  /** Resolves with undefined when the process ended before it answered. */
  tell(message: Told): Promise<Answer | undefined>
}

/** Starts `script` in this directory. @throws Error when it ends before it is ready. */
export async function startChild<Told extends object, Answer extends { readonly id: number }>(
  script: string,
  options: object,
  compileCache: string,
): Promise<Child<Told, Answer>> {
  const path = new URL(`./${script}`, import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=quartermaster-source', path, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  })
  const waiting = new Map<number, (answer: Answer | undefined) => void>()
  let last = 0
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  // Everything that was written before the end is read before anybody is told that there is no answer.
  child.stdout.once('close', () => {
    for (const give of waiting.values()) give(undefined)
    waiting.clear()
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  child.stdin.on('error', () => {})
  const answerTo = (id: number) => new Promise<Answer | undefined>((resolve) => void waiting.set(id, resolve))
  const ready = await answerTo(0)
  if (!ready) throw new Error(`Cannot go on: ${script} ended with ${await ended} before it was ready`)
  return {
    process: child,
    ended,
    ready,
    tell(message) {
      const id = ++last
      const answer = answerTo(id)
      child.stdin.write(`${JSON.stringify({ ...message, id })}\n`)
      return answer
    },
  }
}
