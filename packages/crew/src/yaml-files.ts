/**
 * @module
 * The two files that people who come from CrewAI have: agents.yaml and tasks.yaml, read into their own words. All faults
 * are reported at once, with the place where they stand; what would silently do nothing is one of them.
 */
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { agentHints, missingAgent, taskHints } from './yaml-hints.ts'

const text = z.string().transform((words) => words.trim())
/** Words of CrewAI that change nothing here: there is no hidden cache or console to switch. */
const ignored = z.unknown().optional()
const harmless = { verbose: ignored, cache: ignored, max_retry_limit: ignored }

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
  agent: z.string({ error: ({ input }) => (input === undefined ? missingAgent : undefined) }),
  context: z.array(z.string()).optional(),
  async_execution: z.boolean().optional(),
  human_input: z.boolean().optional(),
  markdown: z.boolean().optional(),
  guardrail_max_retries: z.number().int().min(0).optional(),
  ...harmless,
})

export type AgentFile = z.infer<typeof agentFile>
export type TaskFile = z.infer<typeof taskFile>

/** @throws TypeError that lists every fault. */
export function readAgents(yaml: string): ReadonlyMap<string, AgentFile> {
  return read('agents.yaml', agentFile, agentHints, yaml)
}

/** @throws TypeError that lists every fault. */
export function readTasks(yaml: string): ReadonlyMap<string, TaskFile> {
  return read('tasks.yaml', taskFile, taskHints, yaml)
}

function read<T>(
  file: string,
  schema: z.ZodType<T>,
  hints: Readonly<Record<string, string>>,
  yaml: string,
): ReadonlyMap<string, T> {
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
    const parsed = schema.safeParse(withoutAbsent(value, hints))
    if (parsed.success) return [[name, parsed.data] as const]
    for (const issue of parsed.error.issues) {
      const place = [name, ...issue.path].join('.')
      const hinted = issue.code === 'unrecognized_keys' ? issue.keys.filter((key) => Object.hasOwn(hints, key)) : []
      faults.push(...hinted.map((key) => `${place}.${key} is not there: ${hints[key]}`))
      const others = issue.code === 'unrecognized_keys' ? issue.keys.length - hinted.length : 1
      if (others > 0) faults.push(`${place}: ${issue.message}`)
    }
    return []
  })
  if (entries.length === 0 && faults.length === 0) faults.push('it names nothing')
  return faults.length > 0 ? refuse(faults) : new Map(entries)
}

/** A word that is known and switched off asks for nothing. */
function withoutAbsent(value: unknown, hints: Readonly<Record<string, string>>): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const isOff = ([key, given]: [string, unknown]) => Object.hasOwn(hints, key) && (given === false || given === null)
  return Object.fromEntries(Object.entries(value).filter((entry) => !isOff(entry)))
}
