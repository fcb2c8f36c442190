/**
 * @module
 * Asks an authorization server for the next tokens of a grant, says what came of it, and tells the circuit breaker.
 */
import type { TokenAnswer, TokenOutcome } from '../oauth/read-token-answer.ts'
import { UpstreamFault } from '../outbound/upstream.ts'
import type { Grant } from './grant.ts'
import type { LeaseTime } from './lease-time.ts'
import type { Authority, RefreshDeps } from './refresh-deps.ts'
import type { RefreshOutcome } from './refresh-outcome.ts'
import { renew } from './renew.ts'

export interface GrantRequest {
  readonly grant: Grant
  readonly authority: Authority
  /** The breaker's key. */
  readonly circuit: string
  readonly accountId: string
  readonly startedAt: number
  readonly lease: LeaseTime
}

export interface Requested {
  readonly outcome: RefreshOutcome
  /** An error of our own, after which it is not known what the server did. */
  readonly unexpected?: unknown
}

type Deps = Pick<RefreshDeps, 'oauth' | 'breaker' | 'clock'>

export async function requestTokens(deps: Deps, request: GrantRequest): Promise<Requested> {
  const { grant, authority, startedAt, lease } = request
  try {
    const answered = await renew(deps.oauth, authority, grant, startedAt, lease)
    return { outcome: record(deps, request, outcomeOf(request, answered)) }
  } catch (error) {
    if (!(error instanceof UpstreamFault))
      return { outcome: record(deps, request, { kind: 'unknown' }), unexpected: error }
    return { outcome: record(deps, request, outcomeOfFault(error)) }
  }
}

/** What the circuit breaker adds: how long a refused client is not used. */
type Recorded = Exclude<RefreshOutcome, { readonly kind: 'client_refused' }> | { readonly kind: 'client_refused' }

function outcomeOf({ grant, authority }: GrantRequest, answered: TokenOutcome): Recorded {
  if (answered.ok)
    return { kind: 'issued', from: grant, answer: answered.answer, ...namedHost(authority, answered.answer) }
  switch (answered.means) {
    case 'dead':
      return { kind: 'dead', reason: answered.reason ?? 'revoked' }
    case 'contention':
    case 'unknown':
      return { kind: answered.means }
    case 'operator':
      return { kind: 'client_refused' }
    case 'transient':
      return { kind: 'not_acted', atLeastMs: (answered.retryAfterS ?? 0) * 1_000 }
  }
}

function outcomeOfFault({ kind, sent }: UpstreamFault): Recorded {
  if (kind === 'too_late') return { kind: 'out_of_time' }
  return sent ? { kind: 'unknown' } : { kind: 'not_acted', atLeastMs: 0 }
}

function namedHost({ apiBase }: Authority, { kept }: TokenAnswer) {
  return apiBase && Object.keys(kept).length > 0 ? { apiBase: { named: apiBase(kept) } } : {}
}

function record({ breaker, clock }: Deps, { circuit, accountId }: GrantRequest, outcome: Recorded): RefreshOutcome {
  switch (outcome.kind) {
    case 'issued':
    case 'dead':
    case 'contention':
      breaker.recordSuccess(circuit)
      return outcome
    case 'client_refused':
      return { ...outcome, waitMs: breaker.recordClientRefused(circuit, clock.now()) }
    case 'not_acted':
    case 'unknown':
      breaker.recordFailure(circuit, accountId, clock.now())
      return outcome
    default:
      return outcome
  }
}
