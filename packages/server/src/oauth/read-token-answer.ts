/**
 * @module
 * Reads what a token endpoint said. What may already have replaced a refresh token is never thrown away for a detail,
 * and what is no token is never taken for one.
 */
import type { ConnectorAuth } from '@quartermaster/connectors'
import { z } from 'zod'
import { classifyTokenError, type DeadReason, deadReason, type TokenErrorClass } from './token-error.ts'

/** What a token response said. */
export interface TokenAnswer {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  /** Seconds; the connector's assumption when the system does not say. */
  readonly expiresInS: number
  readonly scopes: readonly string[] | undefined
  /** Members that the connector keeps, such as `instance_url`. */
  readonly kept: { readonly [member: string]: string }
}

export type TokenOutcome =
  | { readonly ok: true; readonly answer: TokenAnswer }
  | {
      readonly ok: false
      readonly means: TokenErrorClass
      readonly retryAfterS?: number
      /** Only for `dead`. */
      readonly reason?: DeadReason
    }

/** Visible ASCII (RFC 6749 appendix A.12): anything else could not be sent back. */
export const tokenText = z.string().regex(/^[\x20-\x7e]{1,8192}$/)

const tokenMembers = z.looseObject({
  access_token: tokenText,
  // Systems that do not rotate leave it out, or empty.
  refresh_token: z
    .union([z.null(), z.literal(''), tokenText])
    .optional()
    .transform((token) => token || undefined),
  // A client must not use a token of a type that it cannot handle (RFC 6749 §7.1): these need a proof of possession
  // (RFC 9449). Other names than "bearer" are in use for bearer tokens, and some systems name none.
  token_type: z
    .unknown()
    .refine((type) => typeof type !== 'string' || !/^(dpop|pop|mac)$/i.test(type))
    .optional(),
})

/** Ten years: later than anybody plans for, and still a date that every store can hold. */
const LONGEST_LIFETIME_S = 315_360_000
/** A system that asks for more is asked again after an hour: what one answer says must not lock an account for good. */
const LONGEST_RETRY_AFTER_S = 3_600

/** @param response whole; its body is read here */
export async function readTokenAnswer(response: Response, auth: ConnectorAuth): Promise<TokenOutcome> {
  const body = parseJson(await response.text())
  if (!response.ok) return refused(response, response.status, body, auth)
  const said = typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {}
  if (typeof said['error'] === 'string' && said['error'] !== '') {
    const outcome = said['access_token'] === undefined ? refused(response, 400, body, auth) : undefined
    // Some systems refuse with 200. An unknown error leaves open what they did.
    return outcome && !outcome.ok && outcome.means !== 'transient' ? outcome : { ok: false, means: 'unknown' }
  }
  const members = tokenMembers.safeParse(body)
  // A 200 without an access token is never stored: it would replace a working grant by nothing.
  // What it did behind that answer is not known, though.
  if (!members.success) return { ok: false, means: 'unknown' }
  const { access_token, refresh_token, ...rest } = members.data
  return {
    ok: true,
    answer: {
      accessToken: access_token,
      refreshToken: refresh_token,
      expiresInS: lifetime(rest['expires_in'], auth.defaultExpiresInS),
      scopes: grantedScopes(rest[auth.grantedScopes]),
      kept: Object.fromEntries(
        auth.keep.flatMap((member) => (typeof rest[member] === 'string' ? [[member, rest[member]]] : [])),
      ),
    },
  }
}

function refused(response: Response, status: number, body: unknown, auth: ConnectorAuth): TokenOutcome {
  const means = classifyTokenError(status, body, auth.tokenErrors)
  const wait = retryAfter(response.headers)
  return {
    ok: false,
    means,
    ...(means === 'dead' ? { reason: deadReason(body) } : {}),
    ...(wait === undefined ? {} : { retryAfterS: wait }),
  }
}

/** Seconds. A lifetime that is no positive number is one that was not said. */
function lifetime(value: unknown, assumed: number): number {
  const seconds = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value
  return typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, LONGEST_LIFETIME_S) : assumed
}

/** Seconds, or a date (RFC 9110 §10.2.3), which is taken against the `Date` of the same answer: clocks differ. */
function retryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  const isDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/.test(text)
  const seconds = /^\d+$/.test(text)
    ? Number(text)
    : isDate
      ? Math.ceil((Date.parse(text) - Date.parse(headers.get('date') ?? '')) / 1_000)
      : 0
  return seconds > 0 ? Math.min(seconds, LONGEST_RETRY_AFTER_S) : undefined
}

function grantedScopes(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return value.split(' ').filter((scope) => scope !== '')
  if (Array.isArray(value)) return value.filter((scope): scope is string => typeof scope === 'string')
  return undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
