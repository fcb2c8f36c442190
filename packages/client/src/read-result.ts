/**
 * @module
 * Reads the result of a tool call: an envelope, or a fault. What does not follow the contract becomes a typed fault, and
 * text from elsewhere is cleaned and cut before a model sees it.
 */
import {
  type Envelope,
  type FailureCode,
  failure,
  failureCodes,
  pageEnvelope,
  type Quota,
  RATE_LIMIT_META,
  type RateLimitMeta,
  recordEnvelope,
} from '@quartermaster/protocol'
import type { CallFault } from './call-error.ts'
import { type McpResult, QUOTAS } from './mcp-conn.ts'
import { staleToolAdvice } from './stale-tool-advice.ts'

export type Answer =
  | {
      readonly ok: true
      readonly text: string
      readonly envelope: Envelope
      readonly quota?: RateLimitMeta
      /** Every quota that the HTTP response named, where that can be seen. */
      readonly quotas?: readonly Quota[]
    }
  | { readonly ok: false; readonly fault: CallFault; readonly quotas?: readonly Quota[] }

/** Longer text is cut: it comes from other servers, for our own server's messages are far shorter. */
const MAX_MESSAGE = 500
const NO_ADVICE = 'Do not repeat the same call. Try another way or say so.'

export function readResult(result: McpResult): Answer {
  const quota = readQuota(result._meta)
  const text = firstText(result.content)
  const seen = result[QUOTAS] ? { quotas: result[QUOTAS] } : {}
  if (result.isError === true) return { ok: false, fault: readFailure(text, quota), ...seen }
  const json = parse(text)
  const envelope = pageEnvelope.safeParse(json).data ?? recordEnvelope.safeParse(json).data
  if (text === undefined || !envelope) {
    return {
      ok: false,
      fault: {
        code: 'bad_answer',
        status: 502,
        message: 'The tool answered with something that is not a result.',
        retryable: false,
        advice: 'Do not use this answer. If the call was a write, read the record to see whether it happened.',
      },
    }
  }
  return { ok: true, text, envelope, ...(quota ? { quota } : {}), ...seen }
}

/** Reads the text of a failed call. Text that is not our JSON becomes a `tool_error` with that text as its message. */
export function readFailure(text: string | undefined, quota: RateLimitMeta | undefined): CallFault {
  const body = member(parse(text), 'error')
  const code = string(member(body, 'code'))
  const limited = code === 'rate_limited' || quota?.status === 429
  const known = code !== undefined && code in failureCodes ? failureCodes[code as FailureCode] : undefined
  const wait = number(member(body, 'retry_after_s')) ?? (limited ? seconds(quota) : undefined)
  const requestId = string(member(body, 'request_id'))
  const approval = failure.shape.approval.safeParse(member(body, 'approval')).data
  const status = limited ? 429 : (number(member(body, 'status')) ?? known?.status)
  return {
    code: limited ? 'rate_limited' : (code ?? 'tool_error'),
    ...(status === undefined ? {} : { status }),
    message: tidy(string(member(body, 'message')) ?? text ?? '') || 'The tool failed without a reason.',
    retryable: limited || (known?.retryable ?? false),
    ...(wait === undefined ? {} : { retryAfterS: Math.max(0, Math.ceil(wait)) }),
    ...(limited && quota?.scope !== undefined ? { quotaName: quota.scope } : {}),
    advice: staleToolAdvice(code ?? '', tidy(string(member(body, 'advice')) ?? '') || NO_ADVICE),
    ...(requestId === undefined ? {} : { requestId: tidy(requestId) }),
    ...(approval ? { approval } : {}),
  }
}

export function readQuota(meta: McpResult['_meta']): RateLimitMeta | undefined {
  const said = meta?.[RATE_LIMIT_META]
  const status = number(member(said, 'status'))
  if (status === undefined) return undefined
  const fields = ['limit', 'remaining', 'reset', 'retryAfterMs'] as const
  const figures = fields.flatMap((name) => {
    const value = number(member(said, name))
    return value === undefined ? [] : [[name, value] as const]
  })
  const scope = string(member(said, 'scope'))
  return { status, ...Object.fromEntries(figures), ...(scope === undefined ? {} : { scope }) }
}

function seconds(quota: RateLimitMeta | undefined): number | undefined {
  return quota?.retryAfterMs === undefined ? quota?.reset : quota.retryAfterMs / 1000
}

export function firstText(content: McpResult['content']): string | undefined {
  return content?.map((block) => string(member(block, 'text'))).find((text) => text !== undefined)
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** One line without control, zero-width or bidirectional characters. */
function tidy(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim()
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line
}
