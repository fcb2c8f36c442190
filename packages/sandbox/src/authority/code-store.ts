/**
 * @module
 * Authorization codes: each works once, for the client and the redirect URI it was made for, for a short time.
 */

import type { OAuthProblem } from '../vendor-oauth.ts'
import { challengeOf } from './pkce.ts'

/** What a person agreed to, waiting to be redeemed. */
export interface CodeGrant {
  readonly clientId: string
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly challenge: string | undefined
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** What comes with a code at the token endpoint. */
export interface Redemption {
  readonly clientId: string
  readonly redirectUri: string
  readonly verifier: string | undefined
  readonly now: number
}

/** Codes that wait, and codes that are spent. */
export interface CodeStore {
  add(code: string, grant: CodeGrant): void
  /** Takes a code. The family that it led to is remembered by {@link CodeStore.settle}. */
  redeem(code: string, redemption: Redemption): { grant: CodeGrant } | { problem: OAuthProblem; family?: string }
  settle(code: string, family: string): void
}

/** A store without codes. */
export function createCodeStore(): CodeStore {
  const open = new Map<string, CodeGrant>()
  const spent = new Map<string, string>()
  return {
    add: (code, grant) => void open.set(code, grant),
    settle: (code, family) => void spent.set(code, family),
    redeem(code, { clientId, redirectUri, verifier, now }) {
      const family = spent.get(code)
      if (family) return { problem: 'code_invalid', family }
      const grant = open.get(code)
      if (!grant || grant.clientId !== clientId) return { problem: 'code_invalid' }
      if (grant.redirectUri !== redirectUri) return { problem: 'redirect_uri_mismatch' }
      if (grant.challenge && !verifier) return { problem: 'verifier_missing' }
      if ((grant.challenge ?? '') !== (verifier ? challengeOf(verifier) : '')) return { problem: 'verifier_wrong' }
      open.delete(code)
      return grant.expiresAt <= now ? { problem: 'code_expired' } : { grant }
    },
  }
}
