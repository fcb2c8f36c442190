/**
 * @module
 * Roles and tasks, in the words of people who think in crews, compiled to a plain graph. A wrong agent, a wrong need or a
 * wrong field of an earlier answer does not compile.
 */
import type { StructuredTool } from '@langchain/core/tools'
import type { BaseCheckpointSaver, Command, CompiledStateGraph, LangGraphRunnableConfig } from '@langchain/langgraph'
import type { Clock } from '@quartermaster/client'
import type { AgentMiddleware } from 'langchain'
import { z } from 'zod'
import { checkPlan } from './check-plan.ts'
import { type CompileOptions, compileCrew } from './compile-crew.ts'
import { entrySchema } from './crew-inputs.ts'
import type { AgentPlan, CrewPlan, Model, TaskPlan, Text } from './crew-plan.ts'
import type { RunReport } from './crew-report.ts'
import { modelRateLimit } from './model-rate-limit.ts'
import { type RunOptions, runCrew, runEach } from './run-crew.ts'

/** What all agents and tasks of a crew share. */
export interface CrewOptions<I> {
  /** For every agent that names none. */
  readonly model: Model
  /** What a run is started with; a crew that names nothing takes nothing, `run({})`. */
  readonly inputs?: z.ZodType<I>
  /**
   * Model calls per minute, all agents together; then those of the agents do not count. It paces models; the CRM's limits
   * are the gate's business.
   */
  readonly maxRpm?: number
  readonly clock?: Clock
}

/** An agent: its role, its tools and its limits. */
export interface AgentOptions<A extends string, I = never> {
  /** Completes "You are …". */
  readonly role: Text<I>
  readonly goal: Text<I>
  readonly backstory?: Text<I>
  readonly model?: Model
  readonly tools?: readonly StructuredTool[]
  /** Model calls for one question, default 25; in the last one the agent has no tools and must answer. */
  readonly maxIter?: number
  /** Model calls per minute of this agent, in all runs together; the crew's `maxRpm`, when there is one, takes its place. */
  readonly maxRpm?: number
  /** Agents it may ask, each through a tool `ask_<agent>`; `all` is everybody else. Who is asked cannot ask on. */
  readonly delegates?: readonly A[] | 'all'
  /** Questions to them for one task, default 10; the next is refused and says so. */
  readonly maxQuestions?: number
  readonly middleware?: readonly AgentMiddleware[]
}

/** A task: who does it, with which words, and what counts as an answer. */
export interface TaskOptions<I, O, A extends string, Z extends z.ZodType, N extends keyof O> {
  readonly agent: A
  readonly prompt: string | ((context: { readonly inputs: I; readonly out: Pick<O, N> }) => string)
  /** What a good answer looks like, in words. */
  readonly expect?: string
  /** The form of the answer; text when absent. */
  readonly output?: Z
  /** Tasks whose answers this one builds on: default the task before, `[]` for none. Others run side by side. */
  readonly needs?: readonly N[]
  /** Accepts an answer with `true`, or says what is wrong with it. */
  readonly guard?: (value: z.infer<Z>, context: { readonly inputs: I; readonly out: Pick<O, N> }) => true | string
  /** Further attempts after an answer that was not accepted; default 3. */
  readonly guardRetries?: number
  /** A person approves the answer before anything builds on it. Needs a checkpointer. */
  readonly review?: boolean
}

/** What a finished run returns. */
export interface CrewOutput<O> extends RunReport {
  readonly tasks: O
  /** The answer of the task that was declared last. */
  readonly last: unknown
}

/** How many runs at a time, and where their state is kept. */
export interface RunEachOptions<I> {
  /** Runs side by side, default 3. */
  readonly concurrency?: number
  readonly config?: Partial<LangGraphRunnableConfig>
  /** Keeps what is finished, so that the same list can be run again. Goes with `threadOf`. */
  readonly checkpointer?: BaseCheckpointSaver
  /** The thread of an input: another for each. */
  readonly threadOf?: (inputs: I) => string
}

/** The state of a crew's graph, as `invoke` and `stream` show it. */
export interface CrewState<I, O> extends RunReport {
  readonly inputs: I
  readonly out: O
}

/** A compiled LangGraph graph that knows what goes in and what comes out. */
export type CrewGraph<I, O> = Omit<CompiledStateGraph<CrewState<I, O>, Partial<CrewState<I, O>>, string>, 'invoke'> & {
  invoke(
    input: { readonly inputs: I } | Command | null,
    /** `durability: 'sync'` keeps each finished task before the next begins, so that a crash costs no more than one. */
    config?: Partial<LangGraphRunnableConfig> & { readonly durability?: 'sync' | 'async' | 'exit' },
  ): Promise<CrewState<I, O>>
}

/** `I`: inputs, `O`: answers so far, `A`: names of agents, `L`: the task before. Immutable. */
export class Crew<I, O extends object = object, A extends string = never, L extends keyof O = never> {
  readonly #plan: CrewPlan

  /** Use {@link crew}. */
  constructor(plan: CrewPlan) {
    this.#plan = plan
  }

  get name(): string {
    return this.#plan.name
  }

  agent<N extends string>(name: N, options: AgentOptions<A, I>): Crew<I, O, A | N, L> {
    const own = modelRateLimit(options.maxRpm, this.#plan.clock)
    const agent: AgentPlan = {
      ...options,
      name,
      tools: options.tools ?? [],
      maxIter: options.maxIter ?? 25,
      delegates: options.delegates ?? [],
      maxQuestions: options.maxQuestions ?? 10,
      middleware: options.middleware ?? [],
      rateLimit: this.#plan.rateLimit ?? own,
    }
    return new Crew(checkPlan({ ...this.#plan, agents: [...this.#plan.agents, agent] }))
  }

  task<N extends string, Z extends z.ZodType = z.ZodString, D extends keyof O = L>(
    name: N,
    options: TaskOptions<I, O, A, Z, D>,
  ): Crew<I, O & { readonly [P in N]: z.infer<Z> }, A, N> {
    const { prompt, guard } = options
    const before = this.#plan.tasks.at(-1)?.name
    const task: TaskPlan = {
      name,
      agent: options.agent,
      // The types above vouch for what the untyped plan hands over.
      prompt: typeof prompt === 'string' ? () => prompt : (context) => prompt(context as never),
      ...(options.expect === undefined ? {} : { expect: options.expect }),
      ...(options.output === undefined ? {} : { output: options.output }),
      needs: options.needs?.map(String) ?? (before === undefined ? [] : [before]),
      ...(guard ? { guard: (value, context) => guard(value as never, context as never) } : {}),
      guardRetries: options.guardRetries ?? 3,
      review: options.review ?? false,
    }
    return new Crew(checkPlan({ ...this.#plan, tasks: [...this.#plan.tasks, task] }))
  }

  /** The crew as a LangGraph graph: state `inputs`, `out`, `usage`, `toolFailures`. Wrong inputs throw InputsRefused. */
  compile(options: CompileOptions = {}): CrewGraph<I, O> {
    if (this.#plan.tasks.length === 0) throw new TypeError(`Cannot compile crew "${this.name}": it has no task`)
    return compileCrew(this.#plan, options) as unknown as CrewGraph<I, O>
  }

  /**
   * Runs all tasks. With a checkpointer and a thread, a second run goes on after the last finished task of the first.
   *
   * @throws InputsRefused when the inputs do not fit.
   * @throws TaskFailed when a task ends without an answer that holds; it carries what the others have come to.
   * @throws RunStopped when a tool waits for a person or a time.
   * @throws TypeError when a task waits for a review, which {@link compile} is for, or the thread has other inputs.
   */
  async run(inputs: I, options: RunOptions = {}): Promise<CrewOutput<O>> {
    const waits = this.#plan.tasks.find((task) => task.review)
    if (waits) {
      throw new TypeError(`Cannot run crew "${this.name}" in one go: task "${waits.name}" waits for a review`)
    }
    if (this.#plan.tasks.length === 0) throw new TypeError(`Cannot run crew "${this.name}": it has no task`)
    const { out, usage, toolFailures } = await runCrew(this.#plan, inputs, options)
    const last = this.#plan.tasks.at(-1)?.name ?? ''
    return { tasks: out as O, last: out[last], usage, toolFailures }
  }

  /** Runs the crew once for each input, a few at a time; one that fails does not stop the others. */
  runEach(list: readonly I[], options: RunEachOptions<I> = {}): Promise<PromiseSettledResult<CrewOutput<O>>[]> {
    const { concurrency = 3, config = {}, checkpointer, threadOf } = options
    return runEach(list, concurrency, (inputs) =>
      this.run(inputs, {
        ...config,
        ...(checkpointer ? { checkpointer } : {}),
        ...(threadOf ? { threadId: threadOf(inputs) } : {}),
      }),
    )
  }

  /** The graph as Mermaid text. */
  async toMermaid(): Promise<string> {
    const drawn = await this.compile().getGraphAsync()
    return drawn.drawMermaid()
  }
}

const nothing = z.strictObject({}).default({})

/**
 * A new crew.
 *
 * @example
 * ```ts
 * const review = crew('pipeline-review', { model: 'openai:gpt-5.5', inputs: z.object({ quarter: z.string() }) })
 *   .agent('analyst', { role: 'a pipeline analyst', goal: 'exact numbers, never guesses', tools, maxIter: 8 })
 *   .task('numbers', { agent: 'analyst', prompt: ({ inputs }) => `Open deals per stage in ${inputs.quarter}.` })
 * const { tasks, usage } = await review.run({ quarter: 'Q3' })
 * ```
 */
export function crew<I = Record<string, never>>(name: string, options: CrewOptions<I>): Crew<I> {
  const { model, inputs = nothing, maxRpm, clock } = options
  return new Crew({
    name,
    model,
    entry: entrySchema(name, inputs),
    agents: [],
    tasks: [],
    ...(maxRpm === undefined ? {} : { rateLimit: modelRateLimit(maxRpm, clock) }),
    ...(clock === undefined ? {} : { clock }),
  })
}
