/**
 * @module
 * Quotas as the systems report them, normalised, and the IETF header fields that say them.
 *
 * Two generations of the draft are written side by side: the three fields of draft-ietf-httpapi-ratelimit-headers-06,
 * which the guide and most clients know, and the structured fields of -10 (`RateLimit`, `RateLimit-Policy`).
 */

/** One quota at one moment. Unknown numbers are absent, never guessed. */
export interface Quota {
  /** A name for the policy: `ten-secondly`, `daily`. Lower case letters, digits and hyphens. */
  readonly policy: string
  readonly limit?: number
  readonly remaining?: number
  /** Seconds until the quota is full again. */
  readonly resetS?: number
  /** Length of the window in seconds. */
  readonly windowS?: number
}

/** `_meta["quartermaster/ratelimit"]` of a result. */
export interface RateLimitMeta {
  readonly status: number
  readonly limit?: number
  readonly remaining?: number
  readonly reset?: number
  readonly retryAfterMs?: number
  /** Which quota: the policy's name. */
  readonly scope?: string
}

/** Seconds are clamped to a day: nobody should be told to wait longer by a header. */
export const MAX_RESET_S = 86_400

/** The quota that will run out first: the smallest share left. Quotas without numbers come last. */
export function tightest(quotas: readonly Quota[]): Quota | undefined {
  const share = (quota: Quota) =>
    quota.limit !== undefined && quota.remaining !== undefined && quota.limit > 0
      ? quota.remaining / quota.limit
      : quota.remaining === 0
        ? 0
        : Number.POSITIVE_INFINITY
  return [...quotas].sort((a, b) => share(a) - share(b))[0]
}

/** Header fields for a response. `retryAfterS` is given when the call itself was refused. */
export function rateLimitHeaders(quotas: readonly Quota[], retryAfterS?: number): Record<string, string> {
  const headers: Record<string, string> = {}
  const clamp = (seconds: number) => Math.min(MAX_RESET_S, Math.max(0, Math.ceil(seconds)))
  const tight = tightest(quotas)
  const reset = retryAfterS ?? tight?.resetS
  if (tight?.limit !== undefined) headers['RateLimit-Limit'] = String(tight.limit)
  if (tight?.remaining !== undefined) {
    headers['RateLimit-Remaining'] = String(Math.max(0, Math.min(tight.remaining, tight.limit ?? tight.remaining)))
  }
  // The guide's decorator reads ratelimit-reset and nothing else, so it is present whenever a wait is known.
  if (reset !== undefined) headers['RateLimit-Reset'] = String(clamp(reset))
  if (retryAfterS !== undefined) headers['Retry-After'] = String(clamp(retryAfterS))
  const items = quotas.filter((quota) => quota.remaining !== undefined)
  if (items.length > 0) {
    headers['RateLimit'] = items
      .map(
        (q) =>
          `"${q.policy}";r=${Math.max(0, q.remaining ?? 0)}${q.resetS === undefined ? '' : `;t=${clamp(q.resetS)}`}`,
      )
      .join(', ')
  }
  const stated = quotas.filter((quota) => quota.limit !== undefined)
  if (stated.length > 0) {
    headers['RateLimit-Policy'] = stated
      .map((q) => `"${q.policy}";q=${q.limit}${q.windowS === undefined ? '' : `;w=${q.windowS}`}`)
      .join(', ')
  }
  return headers
}

/** The same facts for code that sees `_meta` but no headers. */
export function rateLimitMeta(status: number, quotas: readonly Quota[], retryAfterS?: number): RateLimitMeta {
  const tight = tightest(quotas)
  const reset = retryAfterS ?? tight?.resetS
  return {
    status,
    ...(tight?.limit === undefined ? {} : { limit: tight.limit }),
    ...(tight?.remaining === undefined ? {} : { remaining: tight.remaining }),
    ...(reset === undefined ? {} : { reset: Math.min(MAX_RESET_S, Math.ceil(reset)) }),
    ...(retryAfterS === undefined ? {} : { retryAfterMs: Math.ceil(Math.min(MAX_RESET_S, retryAfterS) * 1000) }),
    ...(tight === undefined ? {} : { scope: tight.policy }),
  }
}
