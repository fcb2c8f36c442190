/**
 * @module
 * What a refresh works with, and what it says about itself.
 */

import type { IntegratedAccount } from '../entities/account.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { OAuthApp, OAuthClient } from '../oauth/client.ts'
import type { AccountStore } from '../store/accounts.ts'
import type { RefreshStore } from '../store/refreshes.ts'
import type { Clock } from '../time/clock.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import type { RenewalAuthority } from './renew.ts'

export interface RefreshDeps {
  readonly store: AccountStore
  readonly refreshes: RefreshStore
  readonly ring: KeyRing
  readonly oauth: OAuthClient
  /** How to speak to the account's authorization server; undefined when this installation does not know its system. */
  readonly authority: (account: IntegratedAccount) => Authority | undefined
  readonly breaker: CircuitBreaker
  readonly clock: Clock
  readonly random: () => number
  /** This process. */
  readonly owner: string
  /** True only when that owner certainly no longer runs. */
  readonly isDead: (owner: string) => Promise<boolean>
  readonly onEvent?: (event: RefreshEvent) => void
}

export interface Authority extends RenewalAuthority {
  /** Where the API is, from what a token response says; undefined when that is not one of the system's hosts. */
  readonly apiBase?: (kept: { readonly [member: string]: string }) => string | undefined
  /**
   * For how long the authority takes a refresh token again that it has just replaced, in milliseconds. 0 or undefined
   * when it punishes that, or when it is not known.
   */
  readonly graceMs?: number
}

export interface RefreshEvent {
  readonly accountId: string
  readonly tenant: string
  readonly outcome:
    | 'refreshed'
    | 'healed'
    | 'needs_reauth'
    | 'suspect'
    | 'unknown'
    | 'unavailable'
    | 'client_refused'
    | 'contended'
    | 'not_stored'
    | 'quarantined'
  readonly ms: number
  /** What a refresh changed about the account besides its tokens. `foreign_host` was refused and not stored. */
  readonly changed?: readonly ('scopes' | 'api_base' | 'foreign_host')[]
}

/** The key of a circuit: accounts of one client share it; a grant with a client of its own has its own circuit. */
export function circuitOf(
  account: { readonly system: string; readonly id?: string },
  app: OAuthApp | undefined,
): string {
  return `${account.system}|${app?.clientId ?? account.id ?? ''}`
}
