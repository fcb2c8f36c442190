/**
 * @module
 * What a vendor was asked and what it answered, counted, so that a test can compare it with what a client claims.
 */

/** A snapshot since the last reset. */
export interface Counters {
  /** By method and path template, such as `GET /crm/v3/objects/:type`. Calls of no known path are `GET (unknown)`. */
  readonly requests: { readonly [methodAndTemplate: string]: number }
  readonly responses: { readonly [status: string]: number }
  /** By grant type; calls that failed are counted too. */
  readonly tokenCalls: { readonly [grantType: string]: number }
  /** Calls refused for quota, whatever status the vendor uses for it: full windows and faults alike. */
  readonly rateLimited: number
  /** How often a refresh token that had been replaced was sent again. */
  readonly refreshTokenReuses: number
  /** How many calls were being answered at the same moment, at most. */
  readonly peakConcurrency: number
}

/** Counts, and shows the counts. */
export interface Counting {
  request(methodAndTemplate: string): void
  response(status: number): void
  tokenCall(grantType: string): void
  rateLimited(): void
  refreshTokenReuse(): void
  concurrency(calls: number): void
  read(): Counters
  reset(): void
}

/** Counters at zero. */
export function createCounting(): Counting {
  const requests = new Map<string, number>()
  const responses = new Map<string, number>()
  const tokenCalls = new Map<string, number>()
  let rateLimited = 0
  let refreshTokenReuses = 0
  let peakConcurrency = 0
  return {
    request: (name) => add(requests, name),
    response: (status) => add(responses, String(status)),
    tokenCall: (grantType) => add(tokenCalls, grantType),
    rateLimited: () => void rateLimited++,
    refreshTokenReuse: () => void refreshTokenReuses++,
    concurrency(calls) {
      peakConcurrency = Math.max(peakConcurrency, calls)
    },
    read: () => ({
      requests: Object.fromEntries(requests),
      responses: Object.fromEntries(responses),
      tokenCalls: Object.fromEntries(tokenCalls),
      rateLimited,
      refreshTokenReuses,
      peakConcurrency,
    }),
    reset() {
      for (const map of [requests, responses, tokenCalls]) map.clear()
      rateLimited = 0
      refreshTokenReuses = 0
      peakConcurrency = 0
    },
  }
}

function add(map: Map<string, number>, name: string): void {
  map.set(name, (map.get(name) ?? 0) + 1)
}
