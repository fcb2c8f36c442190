/**
 * @module
 * API tokens: who may administer, run tools, read the audit, or approve writes.
 */
export const apiScopes = ['admin', 'runtime', 'audit', 'approve'] as const
export type ApiScope = (typeof apiScopes)[number]

export interface ApiToken {
  readonly id: string
  /** The tenant whose accounts it may touch; undefined for an operator's token, which may touch all. */
  readonly tenant: string | undefined
  readonly name: string
  readonly scopes: readonly ApiScope[]
  readonly createdAt: number
  readonly revokedAt: number | undefined
  /** Until when the secret before the current one works as well; absent when there was none. */
  readonly oldUntil?: number
}

/** True when the token may act on what belongs to `tenant`. */
export function covers(token: ApiToken, tenant: string): boolean {
  return token.tenant === undefined || token.tenant === tenant
}
