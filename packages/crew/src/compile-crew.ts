/**
 * @module
 * A crew as a plain StateGraph: a node for each task, an edge for each need, and for a task under review a node of its
 * own that waits for a person, so that resuming does not repeat the work that was paid for.
 */
import {
  Annotation,
  type BaseCheckpointSaver,
  type BaseStore,
  END,
  interrupt,
  type LangGraphRunnableConfig,
  START,
  StateGraph,
} from '@langchain/langgraph'
import { z } from 'zod'
import type { CrewPlan, TaskPlan } from './crew-plan.ts'
import { addUsage, noUsage, type RunReport, type ToolFailure, type Usage } from './crew-report.ts'
import { type Rejection, runTask } from './run-task.ts'

/** What LangGraph compiles the graph with. */
export interface CompileOptions {
  readonly checkpointer?: BaseCheckpointSaver | boolean
  readonly store?: BaseStore
}

/** What a review node shows to a person. */
export interface ReviewRequest {
  readonly crew: string
  readonly task: string
  readonly answer: unknown
}

/** What the person answers, through `new Command({ resume })`. */
const reviewAnswer = z.union([
  z.object({ approve: z.literal(true) }),
  z.object({ approve: z.literal(false), feedback: z.string().min(1) }),
])
/** What a reviewer answers. */
export type ReviewAnswer = z.infer<typeof reviewAnswer>

const channels = {
  inputs: Annotation<unknown>,
  /** Answers by task. */
  out: Annotation<Record<string, unknown>>({ reducer: (a, b) => ({ ...a, ...b }), default: () => ({}) }),
  usage: Annotation<Usage>({ reducer: addUsage, default: () => noUsage }),
  toolFailures: Annotation<ToolFailure[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
  /** What reviewers want changed, by task; null once it is done. */
  rejections: Annotation<Record<string, Rejection | null>>({
    reducer: (a, b) => ({ ...a, ...b }),
    default: () => ({}),
  }),
}
const State = Annotation.Root(channels)
type CrewState = typeof State.State

/** Names that the graph itself uses. */
export const reservedNames: readonly string[] = Object.keys(channels)

export const reviewNode = (task: string) => `${task}_review`
/** The task, its review, what follows the review, and one to spare. */
const MAX_STEPS_PER_TASK = 4

const doneNode = (task: string) => `${task}_done`

type OnFinished = (task: string, value: unknown, report: RunReport) => void

/** `onFinished` is for one run: it is called for every task that has an answer. */
export function compileCrew(plan: CrewPlan, options: CompileOptions, onFinished?: OnFinished) {
  const builder = new StateGraph(State, { input: plan.entry })
  // Node names are known only now, so the builder's own type, which collects them one by one, cannot hold them.
  const graph = builder as unknown as StateGraph<
    typeof State,
    CrewState,
    typeof State.Update,
    string,
    typeof State.spec,
    typeof State.spec
  >
  for (const task of plan.tasks) {
    graph.addNode(task.name, taskNode(plan, task, options, onFinished))
    if (task.review) {
      graph.addNode(reviewNode(task.name), review(plan, task))
      graph.addNode(doneNode(task.name), () => ({}))
      graph.addEdge(task.name, reviewNode(task.name))
      graph.addConditionalEdges(
        reviewNode(task.name),
        (state: CrewState) => (state.rejections[task.name] ? task.name : doneNode(task.name)),
        [task.name, doneNode(task.name)],
      )
    }
  }
  const exit = (name: string) => (plan.tasks.find((task) => task.name === name)?.review ? doneNode(name) : name)
  for (const task of plan.tasks) {
    const needs = task.needs.map(exit)
    if (needs.length === 0) graph.addEdge(START, task.name)
    else graph.addEdge(needs, task.name)
    const needed = plan.tasks.some((other) => other.needs.includes(task.name))
    if (!needed) graph.addEdge(exit(task.name), END)
  }
  // LangGraph's own limit, 25, is against loops; a crew has none, so its length is what it may take.
  const recursionLimit = MAX_STEPS_PER_TASK * plan.tasks.length + 10
  return graph.compile({ name: plan.name, ...options }).withConfig({ recursionLimit })
}

function taskNode(plan: CrewPlan, task: TaskPlan, options: CompileOptions, onFinished?: OnFinished) {
  const agent = plan.agents.find(({ name }) => name === task.agent)
  if (!agent) throw new TypeError(`Cannot build crew "${plan.name}": there is no agent "${task.agent}"`)
  return async (state: CrewState, config: LangGraphRunnableConfig): Promise<typeof State.Update> => {
    const rejection = state.rejections[task.name]
    const context = { inputs: state.inputs, out: state.out, ...(rejection ? { rejection } : {}) }
    const thread: unknown = options.checkpointer ? config.configurable?.['thread_id'] : undefined
    const finished = { out: state.out, usage: state.usage, toolFailures: state.toolFailures }
    const before = { finished, ...(typeof thread === 'string' ? { threadId: thread } : {}) }
    const { value, usage, toolFailures } = await runTask(plan, task, agent, { ...context, before }, config)
    onFinished?.(task.name, value, { usage, toolFailures })
    return {
      out: { [task.name]: value },
      usage,
      toolFailures: [...toolFailures],
      ...(rejection ? { rejections: { [task.name]: null } } : {}),
    }
  }
}

function review(plan: CrewPlan, task: TaskPlan) {
  return (state: CrewState): typeof State.Update => {
    const answer = state.out[task.name]
    const request: ReviewRequest = { crew: plan.name, task: task.name, answer }
    const parsed = reviewAnswer.safeParse(interrupt(request))
    if (!parsed.success) {
      throw new TypeError(
        `Cannot resume task "${task.name}": a review answers { approve: true } or { approve: false, feedback }`,
      )
    }
    return parsed.data.approve ? {} : { rejections: { [task.name]: { answer, feedback: parsed.data.feedback } } }
  }
}
