/**
 * @module
 * Looks up API tokens: the one of an administrative request, and the one that comes with a URL as its second factor.
 */
import type { ApiToken } from '../entities/api-token.ts'
import { hashToken, isApiToken } from '../keys/tokens.ts'
import type { Store } from '../store/open.ts'
import type { LookupLimit } from './lookup-limit.ts'
import type { WhyRefused } from './refusal.ts'

/** What came with the URL token. */
export interface SecondFactor {
  /** The `Authorization` header. */
  readonly authorization: string | undefined
  /** The `key` of the query, for clients that cannot send headers. Looked at only without the header. */
  readonly key?: string | undefined
}

/** The API token of a Bearer header, when it is valid. What it may do is in its scopes. */
export async function findApiToken(
  store: Store,
  authorization: string | undefined,
  now: number,
): Promise<ApiToken | undefined> {
  const text = bearerOf(authorization)
  if (text === undefined || !isApiToken(text)) return undefined
  const token = await store.apiTokens.findByHash(hashToken(text), now)
  return token?.revokedAt === undefined ? token : undefined
}

export interface NoSecondFactor {
  readonly why: WhyRefused
  readonly token?: ApiToken
}

/** The API token that came as second factor, or why it is none that the URL may be used with. */
export async function findSecondFactor(
  store: Store,
  limit: LookupLimit,
  factor: SecondFactor,
  now: number,
): Promise<ApiToken | NoSecondFactor> {
  const text = secretOf(factor)
  if (text === undefined) return { why: factor.authorization ? 'factor_malformed' : 'factor_missing' }
  if (!isApiToken(text)) return { why: 'factor_malformed' }
  const hash = hashToken(text)
  if (!limit.admit(hash)) return { why: 'too_many_guesses' }
  const token = await store.apiTokens.findByHash(hash, now)
  if (!token) return { why: 'factor_unknown' }
  if (token.revokedAt !== undefined) return { why: 'factor_revoked', token }
  if (!token.scopes.includes('runtime')) return { why: 'factor_without_scope', token }
  limit.found(hash)
  // An address is kept in more places than a header, so what stands in one may open nothing else.
  const isRuntimeOnly = token.tenant !== undefined && token.scopes.length === 1
  return factor.authorization === undefined && !isRuntimeOnly ? { why: 'factor_not_for_query', token } : token
}

/** The text that is looked up as an API token. */
export function secretOf({ authorization, key }: SecondFactor): string | undefined {
  return authorization === undefined ? key : bearerOf(authorization)
}

function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
}
