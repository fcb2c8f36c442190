/**
 * @module
 * What is known of a store that was written: its secrets, and what it must answer. `facts.json` of a release holds one
 * for each of the two databases.
 */

/** A grant that the faked vendor gave, so that it can give the same one again. */
export interface KnownGrant {
  readonly tenant: string
  readonly system: string
  /** As in an authorization request. */
  readonly scope: string
  /** What the vendor made its tokens of: `refresh` and then `access`, 24 random bytes each, in hexadecimal. */
  readonly random: readonly [refresh: string, access: string]
}

/** A tool call and what it was answered; the answer may hold more in a later release. */
export interface KnownCall {
  readonly about: string
  /** The secret part of the URL. */
  readonly token: string
  /** The API token beside it; undefined for a URL that needs none. */
  readonly bearer?: string
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  readonly meta?: Readonly<Record<string, unknown>>
  /** The one text block of the result, parsed. */
  readonly answer: Readonly<Record<string, unknown>>
}

/** A URL or an API token that is refused, with the HTTP status. */
export interface KnownRefusal {
  readonly about: string
  readonly token: string
  readonly bearer: string
  readonly status: number
}

export interface KnownApproval {
  readonly handle: string
  /** The write that waits for it. */
  readonly call: Omit<KnownCall, 'answer'>
  /** What the write changes, as the person who decides is shown it. */
  readonly changes: readonly unknown[]
}

export interface StoreFacts {
  /** Epoch milliseconds: nothing in the store is younger. */
  readonly writtenAt: number
  readonly adminToken: string
  readonly grants: readonly KnownGrant[]
  readonly accounts: Readonly<Record<'hubspot' | 'salesforce' | 'connected' | 'removed' | 'other' | 'reauth', string>>
  /** API tokens of the tenant `acme`, and `other` of `globex`. */
  readonly tokens: Readonly<
    Record<'admin' | 'runtime' | 'audit' | 'approve' | 'rotated' | 'replaced' | 'revoked' | 'other', string>
  >
  /** A derived URL, and the id of the one that it was derived from. */
  readonly derived: { readonly parentId: string; readonly token: string; readonly id: string }
  readonly calls: readonly KnownCall[]
  readonly refusals: readonly KnownRefusal[]
  /** A page, and the cursor that leads to the next. */
  readonly cursor: KnownCall
  /** Its answer came from the vendor the first time. */
  readonly remembered: KnownCall
  readonly approvals: { readonly pending: KnownApproval; readonly approved: KnownApproval }
  readonly connect: { readonly open: ConnectLink; readonly connected: ConnectLink }
  readonly webhook: { readonly id: string; readonly secret: string }
  /** Rows that each key has sealed, as `keys status` says. */
  readonly keys: Readonly<Record<string, number>>
  /** `audit verify --json` when the store was written. */
  readonly audit: { readonly tenants: readonly { readonly tenant: string; readonly rows: number }[] }
  /** `audit head`: where each chain ended. */
  readonly heads: readonly unknown[]
}

export interface ConnectLink {
  readonly id: string
  /** The secret part of the link. */
  readonly token: string
}

export interface ReleaseFacts {
  readonly release: string
  readonly sqlite: StoreFacts
  readonly postgres: StoreFacts
}
