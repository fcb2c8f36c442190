/**
 * @module
 * A crew from CrewAI's agents.yaml and tasks.yaml, with the semantics that people expect of them: `{placeholders}` are
 * inputs, an unset context means all earlier answers, an asynchronous task runs beside those that do not wait for it.
 */
import type { StructuredTool } from '@langchain/core/tools'
import type { Clock } from '@quartermaster/client'
import { z } from 'zod'
import { type Crew, crew } from './crew.ts'
import type { Model } from './crew-plan.ts'
import { knownProviders, modelName } from './model-name.ts'
import { type AgentFile, readAgents, readTasks } from './yaml-files.ts'

/** The text of the two files, not their paths: where they are kept is the caller's business. */
export interface CrewFiles {
  readonly agents: string
  readonly tasks: string
}

/** What the two files cannot hold: models, tools and typed answers. */
export interface CrewFromYamlOptions {
  /** For every agent whose `llm` is not set. */
  readonly model: Model
  /** By agent, in place of its `llm`. */
  readonly models?: Readonly<Record<string, Model>>
  /** Tools by agent, or all tools there are, from which each agent takes those that its `tools` names. */
  readonly tools?: Readonly<Record<string, readonly StructuredTool[]>> | readonly StructuredTool[]
  /** The form of a task's answer, and what else YAML cannot say. */
  readonly tasks?: Readonly<Record<string, YamlTaskExtras>>
  /** Model calls per minute of the whole crew; then `max_rpm` of its agents does not count. */
  readonly maxRpm?: number
  readonly clock?: Clock
}

export interface YamlTaskExtras {
  readonly output?: z.ZodType
  readonly guard?: (value: unknown) => true | string
}

export type YamlInputs = Readonly<Record<string, string | number>>
/** A crew whose inputs and answers have no types, because YAML has none. */
export type YamlCrew = Crew<YamlInputs, Readonly<Record<string, unknown>>, string, string>

/**
 * @example
 * ```ts
 * const files = { agents: await readFile('agents.yaml', 'utf8'), tasks: await readFile('tasks.yaml', 'utf8') }
 * const review = crewFromYaml('review', files, { model: 'openai:gpt-5.5', tools: { analyst: tools } })
 * const { last } = await review.run({ quarter: 'Q3' })
 * ```
 * @throws TypeError that lists every fault of a file, or names an agent, task or tool that is not there.
 */
export function crewFromYaml(name: string, files: CrewFiles, options: CrewFromYamlOptions): YamlCrew {
  const agents = readAgents(files.agents)
  const tasks = readTasks(files.tasks)
  const refuse = (fault: string): never => {
    throw new TypeError(`Cannot build crew "${name}": ${fault}`)
  }
  const { model, models, maxRpm, clock } = options
  const listed = options.tools && !isList(options.tools) ? options.tools : {}
  for (const [what, known, given] of [
    ['agent', agents, { ...listed, ...models }],
    ['task', tasks, options.tasks ?? {}],
  ] as const) {
    const unknown = Object.keys(given).find((each) => !known.has(each))
    if (unknown !== undefined) refuse(`there is no ${what} "${unknown}", only ${[...known.keys()].join(', ')}`)
  }
  const words = [...agents.values(), ...tasks.values()].flatMap((entry) => Object.values(entry))
  const inputs = inputsFor(words.filter((word) => typeof word === 'string'))
  const limits = { ...(maxRpm === undefined ? {} : { maxRpm }), ...(clock === undefined ? {} : { clock }) }
  let built = crew(name, { model, inputs, ...limits }) as unknown as YamlCrew

  for (const [agentName, agent] of agents) {
    const thinks = models?.[agentName] ?? modelOf(agentName, agent, refuse)
    built = built.agent(agentName, {
      role: filled(agent.role),
      goal: filled(agent.goal),
      ...(agent.backstory === undefined ? {} : { backstory: filled(agent.backstory) }),
      ...(thinks === undefined ? {} : { model: thinks }),
      ...(agent.max_iter === undefined ? {} : { maxIter: agent.max_iter }),
      ...(typeof agent.max_rpm === 'number' ? { maxRpm: agent.max_rpm } : {}),
      tools: toolsOf(agentName, agent, options.tools, refuse),
      delegates: agent.allow_delegation === true ? 'all' : [],
    })
  }

  const answered: string[] = []
  let unwaited: string[] = []
  for (const [taskName, task] of tasks) {
    const { output, guard } = options.tasks?.[taskName] ?? {}
    const { description, expected_output: expected } = task
    const briefing = [
      description,
      ...(expected === undefined ? [] : [`A good answer: ${expected}`]),
      ...(task.markdown === true ? [MARKDOWN] : []),
    ].join('\n\n')
    const isAside = task.async_execution === true
    built = built.task(taskName, {
      agent: task.agent,
      prompt: ({ inputs: given }) => filled(briefing)(given),
      needs: task.context ?? (isAside ? [...answered] : [...answered, ...unwaited]),
      review: task.human_input === true,
      ...(task.guardrail_max_retries === undefined ? {} : { guardRetries: task.guardrail_max_retries }),
      ...(output ? { output } : {}),
      ...(guard ? { guard } : {}),
    })
    if (isAside) unwaited.push(taskName)
    else {
      answered.push(...unwaited, taskName)
      unwaited = []
    }
  }
  return built
}

const MARKDOWN =
  'Write the answer in Markdown: # before headings, - before items of a list, **bold**, *italic*, `code`, and blocks of code between lines of ```.'

const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_-]*)\}/g

/** Every placeholder is an input that must be given. */
function inputsFor(words: readonly string[]): z.ZodType<YamlInputs> {
  const names = new Set(words.flatMap((text) => [...text.matchAll(PLACEHOLDER)].map(([, name]) => name ?? '')))
  const shape = Object.fromEntries([...names].map((name) => [name, z.union([z.string(), z.number()])]))
  return z.looseObject(shape) as unknown as z.ZodType<YamlInputs>
}

function filled(text: string): (inputs: YamlInputs) => string {
  return (inputs) => text.replace(PLACEHOLDER, (whole, name: string) => String(inputs[name] ?? whole))
}

function modelOf(name: string, { llm }: AgentFile, refuse: (fault: string) => never): string | undefined {
  if (llm === undefined) return undefined
  return (
    modelName(llm) ??
    refuse(
      `the provider of "${llm}" for "${name}" is none of ${knownProviders.join(', ')}; hand the model over in models`,
    )
  )
}

function toolsOf(
  name: string,
  agent: AgentFile,
  given: CrewFromYamlOptions['tools'],
  refuse: (fault: string) => never,
): readonly StructuredTool[] {
  if (given && !isList(given)) {
    if (agent.tools) refuse(`the tools of "${name}" are named in the file and given by agent; do one of the two`)
    return given[name] ?? []
  }
  return (agent.tools ?? []).map(
    (wanted) => given?.find((tool) => tool.name === wanted) ?? refuse(`there is no tool "${wanted}" for "${name}"`),
  )
}

function isList(given: NonNullable<CrewFromYamlOptions['tools']>): given is readonly StructuredTool[] {
  return Array.isArray(given)
}
