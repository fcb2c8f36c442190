/**
 * @module
 * Documentation records: `docs/<resource>.<method>.md`, YAML front matter, then the description. A method without one
 * is no tool.
 */
import { parse } from 'yaml'
import { z } from 'zod'
import type { Fault } from './connector-invalid.ts'

const frontMatter = z.strictObject({
  title: z.string().min(1).max(80),
  /** Overrides the name that follows from the grammar. */
  tool: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,47}$/)
    .optional(),
  /** A description for each input field of the method. */
  input: z.record(z.string(), z.string().min(1).max(400)).default({}),
})

export type ToolRecord = z.infer<typeof frontMatter> & { readonly description: string }

/** The longest description a tool may have; it is paid for in every context window. */
const LONGEST = 1_000

/** Reads one record. Line breaks inside a paragraph are spaces; paragraphs stay apart. */
export function parseToolRecord(path: string, text: string): ToolRecord | readonly Fault[] {
  const match = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(text)
  if (!match) return [{ path, problem: 'must start with front matter between two lines of ---' }]
  const [, head = '', body = ''] = match
  let data: unknown
  try {
    data = parse(head)
  } catch {
    return [{ path, problem: 'the front matter is not YAML' }]
  }
  const result = frontMatter.safeParse(data)
  const faults = result.success
    ? []
    : result.error.issues.map((issue) => ({ path: `${path}: ${issue.path.join('.')}`, problem: issue.message }))
  const description = body
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim())
    .join('\n')
  if (description === '') faults.push({ path, problem: 'the description is empty' })
  if (description.length > LONGEST)
    faults.push({ path, problem: `the description is longer than ${LONGEST} characters` })
  return result.success && faults.length === 0 ? { ...result.data, description } : faults
}
