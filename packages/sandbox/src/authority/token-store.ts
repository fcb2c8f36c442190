/**
 * @module
 * Access and refresh tokens in families: one family for each consent. Refresh tokens may rotate; using one that was
 * already replaced kills its whole family, unless a grace period still covers it (RFC 9700 §4.14.2).
 */
import type { TokenBook } from '../vendor.ts'
import type { GrantType, IssuedTokens, KnownToken } from '../vendor-oauth.ts'

/** How tokens live; may change while grants exist, and holds for what is issued or refreshed from then on. */
export interface TokenSettings {
  accessTokenTtlMs: number
  rotateRefreshTokens: boolean
  /** How long a replaced refresh token still works, in milliseconds. */
  graceMs: number
}

/** All tokens of an authority. */
export interface TokenStore extends TokenBook {
  issue(request: IssueRequest): IssuedTokens & { readonly family: string }
  /** `undefined` when the refresh token is unknown, revoked, not this client's, or was replaced earlier. */
  refresh(refreshToken: string, clientId: string): IssuedTokens | undefined
  /** Revokes the family of an access or a refresh token. False when nothing is known of it. */
  revoke(token: string): boolean
  revokeFamily(family: string): void
  expireAccessTokens(): void
  revokeAll(): void
  look(token: string): KnownToken | undefined
}

/** What a new grant is for. */
export interface IssueRequest {
  readonly grantType: GrantType
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly refreshable: boolean
}

/** What a token store is made of. */
export interface TokenStoreDeps {
  readonly settings: TokenSettings
  readonly now: () => number
  readonly mint: (kind: 'access' | 'refresh') => string
  /** Called when a refresh token that was already replaced is used again, whatever comes of it. */
  readonly onReuse: () => void
}

interface Family {
  readonly id: string
  readonly clientId: string
  readonly scopes: readonly string[]
  alive: boolean
  /** The refresh token that is current; `undefined` when the grant has none. */
  current: string | undefined
}

interface AccessToken {
  readonly family: Family
  readonly issuedAt: number
  expiresAt: number
}

interface RefreshToken {
  readonly family: Family
  readonly issuedAt: number
  replacedAt: number | undefined
}

/** A store without tokens. */
export function createTokenStore({ settings, now, mint, onReuse }: TokenStoreDeps): TokenStore {
  const access = new Map<string, AccessToken>()
  const refresh = new Map<string, RefreshToken>()
  const families = new Map<string, Family>()

  const newRefreshToken = (family: Family) => {
    const token = mint('refresh')
    refresh.set(token, { family, issuedAt: now(), replacedAt: undefined })
    family.current = token
    return token
  }
  const grant = (family: Family, grantType: GrantType, rotated: boolean): IssuedTokens => {
    const accessToken = mint('access')
    const issuedAt = now()
    const expiresAt = issuedAt + settings.accessTokenTtlMs
    access.set(accessToken, { family, issuedAt, expiresAt })
    return { grantType, accessToken, refreshToken: family.current, rotated, scopes: family.scopes, issuedAt, expiresAt }
  }
  const kill = (family: Family | undefined) => {
    if (family) family.alive = false
  }

  return {
    issue({ grantType, clientId, scopes, refreshable }) {
      const family: Family = { id: `family-${families.size + 1}`, clientId, scopes, alive: true, current: undefined }
      families.set(family.id, family)
      if (refreshable) newRefreshToken(family)
      return { ...grant(family, grantType, false), family: family.id }
    },
    refresh(refreshToken, clientId) {
      const known = refresh.get(refreshToken)
      if (!known?.family.alive || known.family.clientId !== clientId) return undefined
      if (known.replacedAt !== undefined) {
        onReuse()
        if (now() >= known.replacedAt + settings.graceMs) {
          kill(known.family)
          return undefined
        }
        return grant(known.family, 'refresh_token', true)
      }
      if (!settings.rotateRefreshTokens) return grant(known.family, 'refresh_token', false)
      known.replacedAt = now()
      newRefreshToken(known.family)
      return grant(known.family, 'refresh_token', true)
    },
    revoke(token) {
      const family = (access.get(token) ?? refresh.get(token))?.family
      const alive = family?.alive === true
      kill(family)
      return alive
    },
    revokeFamily: (id) => kill(families.get(id)),
    expireAccessTokens() {
      for (const token of access.values()) token.expiresAt = Math.min(token.expiresAt, now())
    },
    revokeAll() {
      for (const family of families.values()) kill(family)
    },
    inspect(accessToken) {
      const known = access.get(accessToken)
      if (!known?.family.alive) return { state: 'unknown', scopes: [], expiresAt: 0 }
      const state = known.expiresAt <= now() ? 'expired' : 'valid'
      return { state, scopes: known.family.scopes, expiresAt: known.expiresAt }
    },
    look(token) {
      const known = access.get(token) ?? refresh.get(token)
      if (!known?.family.alive) return undefined
      const expiresAt = 'expiresAt' in known ? known.expiresAt : undefined
      if (expiresAt !== undefined && expiresAt <= now()) return undefined
      if ('replacedAt' in known && known.replacedAt !== undefined) return undefined
      const { clientId, scopes } = known.family
      const use = expiresAt === undefined ? 'refresh' : 'access'
      return { token, use, clientId, scopes, issuedAt: known.issuedAt, expiresAt }
    },
  }
}
