/**
 * @module
 * The rows of connecting. Secrets stand in them as hashes, or sealed.
 */
export interface ConnectTables {
  connect_session: ConnectSessionTable
  account_identity: AccountIdentityTable
}

export interface ConnectSessionTable {
  id: string
  tenant: string
  system: string
  /** The account to connect again; null makes a new one. Once done, the account that was connected. */
  account_id: string | null
  label: string | null
  /** JSON array of the scopes that are asked for. */
  scopes: string
  return_url: string | null
  token_hash: string
  status: 'open' | 'bound' | 'exchanging' | 'review' | 'storing' | 'connected' | 'cancelled'
  /** Why the last try came to nothing; a word. */
  reason: string | null
  /** The browser that may go on; null until one has begun. */
  cookie_hash: string | null
  state_hash: string | null
  /** The code verifier, and later the grant under review, in base64url. */
  sealed: string | null
  /** When the step that is under way ends. */
  step_until: number
  created_at: number
  /** When the link stops to open. */
  expires_at: number
}

export interface AccountIdentityTable {
  account_id: string
  org_id: string
  user_id: string
  org: string
}
