/**
 * @module
 * Reads a JSON body of limited size into a checked shape. Faults name the member and what was expected, never the value.
 */
import type { z } from 'zod'
import { readCapped } from '../outbound/read-capped.ts'
import { isTooDeep } from './is-too-deep.ts'
import { Problem } from './problem.ts'

const MAX_BYTES = 256 * 1024
/** As much as a message over MCP may have. */
const MAX_ARGUMENT_BYTES = 1_048_576
const MAX_FAULTS = 10

/** @throws Problem 400, 413 or 415. A body is at most 256 KiB and 64 levels deep. */
export async function readJson<T extends z.ZodType>(request: Request, schema: T): Promise<z.output<T>> {
  requireJson(request)
  return checkJson(await readText(request, MAX_BYTES), schema)
}

/** @throws Problem 400. */
export function checkJson<T extends z.ZodType>(text: string, schema: T): z.output<T> {
  const parsed = check(schema, parse(text))
  if (parsed.success) return parsed.data
  const faults = [...new Set(parsed.error.issues.map(describeFault))].slice(0, MAX_FAULTS)
  throw new Problem(400, `The body does not fit: ${faults.join('; ')}.`)
}

/**
 * The arguments of a tool call as they were sent; undefined for an empty body, whatever type it claims.
 * @throws Problem 400, 413 or 415.
 */
export async function readArguments(request: Request): Promise<unknown> {
  const text = await readText(request, MAX_ARGUMENT_BYTES)
  if (text === '') return undefined
  requireJson(request)
  return parse(text)
}

function check<T extends z.ZodType>(schema: T, value: unknown): z.ZodSafeParseResult<z.output<T>> {
  try {
    return schema.safeParse(value)
  } catch (error) {
    // zod compares the `length` of whatever it meets with a bound, and `{"length":{"toString":0}}` cannot be compared.
    if (error instanceof TypeError) throw new Problem(400, 'The body does not fit: a member is not of its type.')
    throw error
  }
}

function requireJson(request: Request): void {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/json\b/i.test(type)) throw new Problem(415, 'Send the body as Content-Type: application/json.')
}

function parse(text: string): unknown {
  if (isTooDeep(text)) throw new Problem(400, 'The body is nested too deeply.')
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem(400, 'The body is not valid JSON.')
  }
}

async function readText({ body }: Request, maxBytes: number): Promise<string> {
  const bytes = body ? await readCapped(body, maxBytes) : Buffer.alloc(0)
  if (!bytes) throw new Problem(413, `The body is larger than ${maxBytes} bytes.`)
  return bytes.toString('utf8')
}

/** One fault in our own words: zod's messages can repeat what was received. */
function describeFault(issue: z.core.$ZodIssue): string {
  const at = issue.path.length > 0 ? issue.path.join('.') : 'the body'
  switch (issue.code) {
    case 'invalid_type':
      return `${at} must be ${issue.expected}`
    case 'unrecognized_keys':
      return `${at} has members that are not known`
    case 'too_small':
      return `${at} is too small or too short`
    case 'too_big':
      return `${at} is too large or too long`
    case 'invalid_value':
      return `${at} must be one of ${issue.values.map(String).join(', ')}`
    default:
      return `${at} is not valid`
  }
}
