/**
 * @module
 * Reads the results of servers that do not follow our contract: a success is handed on as it is, and a rate limit is
 * recognized by the words of a failure.
 */
import type { RateLimitMeta } from '@quartermaster/protocol'
import type { CallFault } from './call-error.ts'
import { type McpResult, QUOTAS } from './mcp-conn.ts'
import { invalidParams } from './read-exception.ts'
import { firstText, readFailure, readQuota } from './read-result.ts'
import type { AttemptResult } from './with-retry.ts'

/** A success as it came, and what it said about the quota, if it is one of our servers after all. */
export interface ThirdPartyAnswer {
  readonly result: McpResult
  readonly quota?: RateLimitMeta
}

/** How servers without a typed failure say it; a number alone could be anything. */
const refusal = /\b429\b.{0,40}(?:too many|rate)|too many requests|rate limit(?:ed| exceeded| reached)/i
/** Removed before a model sees the text: stack frames, and paths of files on the tool's host. */
const frames = /^\s*at\s.*$/gm
const sourceFile =
  /(?:\s{0,3}\b(?:at|in)\s{1,3})?\(?(?:file:\/\/|[a-z]:)?[\\/][^\s()'"]{0,160}\.(?:[cm]?[jt]sx?|py|rb|go|java|php|cs)(?::\d+){0,2}\)?/gi
/** No more is looked at: what is shown is far shorter. */
const MAX_WORDS = 2000

export function readThirdPartyResult(result: McpResult): AttemptResult<ThirdPartyAnswer> {
  const quota = readQuota(result._meta)
  const quotas = result[QUOTAS] ? { quotas: result[QUOTAS] } : {}
  if (result.isError === true)
    return { ok: false, fault: readThirdPartyFailure(firstText(result.content) ?? '', quota), ...quotas }
  return { ok: true, result, ...(quota ? { quota } : {}), ...quotas }
}

/**
 * The fault in the text of a failed call. Adapters put words in front of what a server said; its JSON begins at the first
 * brace.
 */
export function readThirdPartyFailure(text: string, quota?: RateLimitMeta): CallFault {
  const brace = text.indexOf('{')
  const said = brace < 0 ? text : text.slice(brace)
  const words = () => text.slice(0, MAX_WORDS).replace(frames, '').replace(sourceFile, '')
  const fault = readFailure(isJson(said) ? said : words(), quota)
  if (fault.code !== 'tool_error') return fault
  // What servers on the SDK's first generation make of a tool that is gone or takes other arguments.
  if (text.includes('MCP error -32602')) return { ...invalidParams, message: fault.message }
  if (!refusal.test(text)) return fault
  const seconds = waitIn(text)
  return {
    ...fault,
    code: 'rate_limited',
    status: 429,
    retryable: true,
    ...(seconds === undefined ? {} : { retryAfterS: seconds }),
    advice: 'Wait for the reset, then repeat the same call; or go on without it.',
  }
}

const units: readonly (readonly [RegExp, number])[] = [
  [/^m(?:s|illi)/i, 0.001],
  [/^m/i, 60],
  [/^h/i, 3_600],
  [/^d/i, 86_400],
]

/** Seconds, from words around "retry after": a number with a unit, or a date of HTTP (RFC 9110 §5.6.7). */
function waitIn(text: string): number | undefined {
  const date = /retry.after\W{0,3}((?:mon|tue|wed|thu|fri|sat|sun), [\w: ]{15,25})/i.exec(text)?.[1]
  const until = Date.parse(date ?? '')
  if (!Number.isNaN(until)) return Math.max(0, Math.ceil((until - Date.now()) / 1_000))
  const [, number, unit = ''] = /retry.after\D{0,10}(\d{1,9})\b\s{0,2}([a-z]{0,12})/i.exec(text) ?? []
  if (number === undefined || date !== undefined) return undefined
  return Math.ceil(Number(number) * (units.find(([word]) => word.test(unit))?.[1] ?? 1))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
