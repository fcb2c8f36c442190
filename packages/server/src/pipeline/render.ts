/**
 * @module
 * An answer as it goes out, whatever carries it: the text, the status it stands for, and what headers and `_meta` say
 * about quotas.
 */
import {
  type Envelope,
  type Failure,
  fail,
  RATE_LIMIT_META,
  type RateLimitMeta,
  rateLimitHeaders,
  rateLimitMeta,
} from '@quartermaster/protocol'
import { isAboutOne } from '../tools/input-schema.ts'
import type { Answer, Call, GoodAnswer, Refusal } from './call.ts'

export interface Rendered {
  /** One compact JSON object: the envelope, or `{"error":{…}}`. */
  readonly text: string
  readonly isError: boolean
  /** The HTTP status that plain HTTP answers with; MCP results travel on a 200. */
  readonly status: number
  /** `RateLimit…` and `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>
  readonly meta?: { readonly [RATE_LIMIT_META]: RateLimitMeta }
}

const TOO_MANY = '429 Too Many Requests'

/**
 * Renders an answer to a call.
 *
 * @param options.wantRateLimit The caller asked for quota facts on successes too; clients that never ask are spared
 * them, because some of them hand every `_meta` to the model.
 */
export function render(call: Call, answer: Answer, options: { readonly wantRateLimit?: boolean } = {}): Rendered {
  if (!answer.ok) return renderFailure(call.requestId, answer.failure, answer.quotas)
  const envelope = envelopeOf(call, answer)
  if (!envelope) return renderFailure(call.requestId, emptyAnswer(), answer.quotas)
  return {
    text: JSON.stringify(envelope),
    isError: false,
    status: 200,
    headers: rateLimitHeaders(answer.quotas),
    ...(options.wantRateLimit ? { meta: { [RATE_LIMIT_META]: rateLimitMeta(200, answer.quotas) } } : {}),
  }
}

function envelopeOf(call: Call, answer: GoodAnswer): Envelope | undefined {
  const { records, cursor, totalCount, missing, coverage, notes } = answer
  const method = call.access.tools.find(({ name }) => name === call.toolName)?.method
  const noted = notes && notes.length > 0 ? { notes: [...notes] } : {}
  if (method && isAboutOne(method)) {
    const [result] = records
    return result && { result, ...noted }
  }
  return {
    result: [...records],
    next_cursor: cursor ?? null,
    result_count: records.length,
    ...(totalCount === undefined ? {} : { total_count: totalCount }),
    ...(missing === undefined ? {} : { missing_ids: [...missing] }),
    ...coverage,
    ...noted,
  }
}

/** Renders a failure, of a call or of anything else that comes through a URL. */
export function renderFailure(requestId: string, cause: Failure, quotas: Refusal['quotas']): Rendered {
  const isQuota = cause.code === 'rate_limited'
  // Agents that only see the text, and decide by looking for "429" in it, must find it at the start.
  const message = isQuota && !cause.message.startsWith(TOO_MANY) ? `${TOO_MANY}. ${cause.message}` : cause.message
  const { code, status, retry_after_s: wait, advice, request_id = requestId } = cause
  const failure: Failure = {
    code,
    status,
    message,
    ...(wait === undefined ? {} : { retry_after_s: wait }),
    advice,
    request_id,
    ...(cause.approval ? { approval: cause.approval } : {}),
  }
  return {
    text: JSON.stringify({ error: failure }),
    isError: true,
    status,
    headers: isQuota ? rateLimitHeaders(quotas, wait) : { ...rateLimitHeaders(quotas), ...retryAfter(wait) },
    ...(isQuota ? { meta: { [RATE_LIMIT_META]: rateLimitMeta(status, quotas, wait) } } : {}),
  }
}

/** A wait that has nothing to do with a quota is said without claiming one. */
function retryAfter(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { 'Retry-After': String(seconds) }
}

function emptyAnswer(): Failure {
  return fail(
    'upstream_invalid',
    'Cannot return the record: the system answered without one.',
    'Try once more; if it happens again, list the records to see whether this one exists.',
  )
}
