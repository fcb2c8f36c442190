/**
 * @module
 * A crew from its start to its end in one call, or, on a thread that was begun before, from its last finished task on.
 */
import { isDeepStrictEqual } from 'node:util'
import type { BaseCheckpointSaver, LangGraphRunnableConfig } from '@langchain/langgraph'
import { compileCrew, type Finished } from './compile-crew.ts'
import type { CrewPlan } from './crew-plan.ts'
import { addUsage, noUsage, type Report } from './crew-report.ts'
import { RunStopped } from './run-stopped.ts'
import { TaskFailed } from './task-failed.ts'

export interface RunOptions extends Partial<LangGraphRunnableConfig> {
  /** Keeps each finished task before the next begins. Goes with `threadId`. */
  readonly checkpointer?: BaseCheckpointSaver
  /**
   * Names the run. A run that failed or was cut off goes on when it is started again with the same name and inputs; one
   * that is finished gives its answers again, and nothing is paid for twice.
   */
  readonly threadId?: string
}

/** @throws as `Crew.run` says. */
export async function runCrew(plan: CrewPlan, inputs: unknown, options: RunOptions): Promise<Finished> {
  const { checkpointer, threadId, ...config } = options
  if ((checkpointer === undefined) !== (threadId === undefined)) {
    throw new TypeError(`Cannot run crew "${plan.name}": checkpointer and threadId go together`)
  }
  const done = new Map<string, { readonly value: unknown; readonly report: Report }>()
  const graph = compileCrew(plan, checkpointer ? { checkpointer } : {}, (task, value, report) => {
    done.set(task, { value, report })
  })
  const thread = threadId === undefined ? config : { ...config, ...onThread(config, threadId) }
  const kept = threadId === undefined ? undefined : await graph.getState(thread)
  const before: Finished = { out: {}, usage: noUsage, toolFailures: [], ...kept?.values }
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
