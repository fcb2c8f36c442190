/**
 * @module
 * A crew from its start to its end in one call, or, on a thread that was begun before, from its last finished task on.
 */
import { isDeepStrictEqual } from 'node:util'
import type { BaseCheckpointSaver, LangGraphRunnableConfig } from '@langchain/langgraph'
import { z } from 'zod'
import { compileCrew } from './compile-crew.ts'
import type { CrewPlan } from './crew-plan.ts'
import { addUsage, type FinishedTasks, noUsage, type RunReport } from './crew-report.ts'
import { TaskFailed } from './task-failed.ts'

/** LangGraph's config of a run, and where its state is kept. */
export interface RunOptions extends Partial<LangGraphRunnableConfig> {
  /** Keeps each finished task before the next begins. Goes with `threadId`. */
  readonly checkpointer?: BaseCheckpointSaver
  /**
   * Names the run. A run that failed or was cut off goes on when it is started again with the same name and inputs; one
   * that is finished gives its answers again, and nothing is paid for twice.
   */
  readonly threadId?: string
}

const waiting = z.array(z.object({ value: z.unknown() }))

/**
 * A run has met an interrupt: a person's approval, or a limit that lasts. The thread keeps the finished tasks. After a limit,
 * run again with the same thread; a person's answer goes in through `compile` and a `Command`.
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

/** @throws as `Crew.run` says. */
export async function runCrew(plan: CrewPlan, inputs: unknown, options: RunOptions): Promise<FinishedTasks> {
  const { checkpointer, threadId, ...config } = options
  if ((checkpointer === undefined) !== (threadId === undefined)) {
    throw new TypeError(`Cannot run crew "${plan.name}": checkpointer and threadId go together`)
  }
  const done = new Map<string, { readonly value: unknown; readonly report: RunReport }>()
  const graph = compileCrew(plan, checkpointer ? { checkpointer } : {}, (task, value, report) => {
    done.set(task, { value, report })
  })
  const thread = threadId === undefined ? config : { ...config, ...onThread(config, threadId) }
  const kept = threadId === undefined ? undefined : await graph.getState(thread)
  const before: FinishedTasks = { out: {}, usage: noUsage, toolFailures: [], ...kept?.values }
  // A run that was cut off before its first step has kept nothing yet.
  const goesOn = kept?.values.inputs !== undefined
  if (goesOn) {
    const given = plan.entry.parse({ inputs }).inputs
    if (!isDeepStrictEqual(asKept(given), asKept(kept.values.inputs))) {
      throw new TypeError(`Cannot run crew "${plan.name}": thread "${threadId}" was begun with other inputs`)
    }
    if (kept.next.length === 0) return before
  }
  try {
    const state = await graph.invoke(goesOn ? null : { inputs }, thread)
    const waits: unknown = Reflect.get(state, '__interrupt__')
    if (Array.isArray(waits)) throw new RunStopped(plan.name, threadId, waits)
    return state
  } catch (error) {
    if (!(error instanceof TaskFailed)) throw error
    // Tasks beside the one that failed may be done too, which the graph's state does not show yet.
    const [answers, reports] = [[...done].map(([task, { value }]) => [task, value]), [...done.values()]]
    throw new TaskFailed({
      ...error,
      text: error.text,
      finished: {
        out: { ...before.out, ...Object.fromEntries(answers) },
        usage: reports.reduce((sum, { report }) => addUsage(sum, report.usage), before.usage),
        toolFailures: [...before.toolFailures, ...reports.flatMap(({ report }) => report.toolFailures)],
      },
    })
  }
}

/** A checkpointer keeps JSON, and may order its members anew. */
function asKept(inputs: unknown): unknown {
  return JSON.parse(JSON.stringify(inputs) ?? 'null')
}

function onThread(config: Partial<LangGraphRunnableConfig>, threadId: string) {
  return { configurable: { ...config.configurable, thread_id: threadId }, durability: 'sync' as const }
}

/**
 * Runs the crew for each item, a few at a time. Results are in the order of `list`.
 *
 * @throws RangeError when `concurrency` is not a whole number of at least 1.
 */
export async function runEach<T, R>(
  list: readonly T[],
  concurrency: number,
  run: (item: T) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError('Cannot run the crew for each: concurrency must be a whole number of at least 1')
  }
  const results: PromiseSettledResult<R>[] = []
  // One iterator for all workers: each takes the next item when it is free.
  const items = list.entries()
  const worker = async () => {
    for (const [index, item] of items) {
      results[index] = (await Promise.allSettled([run(item)]))[0]
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, list.length) }, worker))
  return results
}
