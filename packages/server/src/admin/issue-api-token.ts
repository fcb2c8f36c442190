/**
 * @module
 * Makes an API token. The token itself is returned once; the store keeps its hash.
 */

import type { ApiScope, ApiToken } from '../entities/api-token.ts'
import { hashToken, newApiToken, newApiTokenId } from '../keys/tokens.ts'
import type { ApiTokenStore } from '../store/api-tokens.ts'

export interface NewApiToken {
  /** Undefined makes an operator's token, which covers every tenant. */
  readonly tenant: string | undefined
  readonly name: string
  readonly scopes: readonly ApiScope[]
}

/** @param secret a token to register instead of a new one; it must be of our own making */
export async function issueApiToken(
  store: ApiTokenStore,
  input: NewApiToken,
  now: number,
  secret: string = newApiToken(),
): Promise<ApiToken & { readonly secret: string }> {
  const token: ApiToken = { id: newApiTokenId(), ...input, createdAt: now, revokedAt: undefined }
  await store.insert(token, hashToken(secret))
  return { ...token, secret }
}
