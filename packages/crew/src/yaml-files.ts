/**
 * @module
 * The two files that people who come from CrewAI have: agents.yaml and tasks.yaml, read into their own words. All faults
 * are told at once, with the place where they stand; what would silently do nothing is one of them.
 */
import { parseDocument } from 'yaml'
import { z } from 'zod'

const text = z.string().transform((words) => words.trim())
/** Words of CrewAI that change nothing here: there is no hidden cache or console to switch. */
const ignored = z.unknown().optional()
const harmless = { verbose: ignored, cache: ignored, markdown: ignored, max_retry_limit: ignored }

const agentFile = z.strictObject({
  role: text,
  goal: text,
  backstory: text.optional(),
  /** `provider/model`, as CrewAI writes it. */
  llm: z.string().optional(),
  tools: z.array(z.string()).optional(),
  max_iter: z.number().int().min(1).optional(),
  max_rpm: z.number().int().min(1).nullable().optional(),
  allow_delegation: z.boolean().optional(),
  ...harmless,
})

const taskFile = z.strictObject({
  description: text,
  expected_output: text.optional(),
  agent: z.string(),
  context: z.array(z.string()).optional(),
  async_execution: z.boolean().optional(),
  human_input: z.boolean().optional(),
  guardrail_max_retries: z.number().int().min(0).optional(),
  ...harmless,
})

export type AgentFile = z.infer<typeof agentFile>
export type TaskFile = z.infer<typeof taskFile>

/** @throws TypeError that lists every fault. */
export function readAgents(yaml: string): ReadonlyMap<string, AgentFile> {
  return read('agents.yaml', agentFile, yaml)
}

/** @throws TypeError that lists every fault. */
export function readTasks(yaml: string): ReadonlyMap<string, TaskFile> {
  return read('tasks.yaml', taskFile, yaml)
}

function read<T>(file: string, schema: z.ZodType<T>, yaml: string): ReadonlyMap<string, T> {
  const document = parseDocument(yaml)
  const refuse = (faults: readonly string[]): never => {
    throw new TypeError(`Cannot read ${file}: ${faults.join('; ')}`)
  }
  if (document.errors.length > 0) refuse(document.errors.map(({ message }) => message.split('\n')[0] ?? 'not YAML'))
  // A limit on aliases keeps a small file from becoming a large one.
  const content = z.record(z.string(), z.unknown()).safeParse(document.toJS({ maxAliasCount: 20 }))
  if (!content.success) return refuse(['it must map names to descriptions'])
  const faults: string[] = []
  const entries = Object.entries(content.data).flatMap(([name, value]) => {
    const parsed = schema.safeParse(value)
    if (parsed.success) return [[name, parsed.data] as const]
    faults.push(...parsed.error.issues.map(({ path, message }) => `${[name, ...path].join('.')}: ${message}`))
    return []
  })
  if (entries.length === 0 && faults.length === 0) faults.push('it names nothing')
  return faults.length > 0 ? refuse(faults) : new Map(entries)
}
