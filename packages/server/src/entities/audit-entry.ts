/**
 * @module
 * An entry of the audit: who did what, on which account, when, with what outcome. It has no member for arguments,
 * answers or tokens.
 */
export interface AuditEntry {
  /** Epoch milliseconds. */
  readonly at: number
  /** What an intent and its outcome share. */
  readonly requestId: string
  /** {@link INSTALLATION} for what concerns no single tenant. */
  readonly tenant: string
  /** Empty when it is about no account. */
  readonly accountId: string
  /** Empty when it is about no URL. */
  readonly serverId: string
  /**
   * The tool's name, `(unknown)` for a name that the caller invented, or the name of an event, which has a dot in it.
   */
  readonly tool: string
  /** `intent` is written before something is done, `outcome` before any answer leaves. */
  readonly phase: 'intent' | 'outcome'
  /** `ok`, or a failure code; `unknown` when the process died before it could record one. */
  readonly outcome: string
  readonly ms: number
  /** How many records the answer held. */
  readonly records: number
  /** The id of the API token, the URL or the connect session that acted; `system` or `operator`. */
  readonly actor?: string
  /** The id of what an event is about, when it is neither an account nor a URL. */
  readonly subject?: string
  /** How many equal refusals the line stands for; 1 when left out. */
  readonly times?: number
  /** The names of the arguments, sorted, with commas; never a value. */
  readonly shape?: string
  /** A keyed digest of the canonical arguments: equal calls have equal ones. */
  readonly digest?: string
  /** Which description and schema the tool had. */
  readonly toolHash?: string
}

/** A line as it stands in the store. */
export interface StoredEntry extends Required<AuditEntry> {
  /** Over all tenants. */
  readonly seq: number
  /** Within the tenant, from 1; undefined in rows that are older than the chain. */
  readonly tenantSeq: number | undefined
  readonly hash: string | undefined
}

/** The last row of a tenant's chain, signed. Kept outside, it proves later that nothing before it was taken away. */
export interface ChainHead {
  readonly tenant: string
  readonly seq: number
  readonly hash: string
  readonly at: number
  readonly mac: string
}

/** Whose chain holds what concerns no single tenant. No tenant can have this name. */
export const INSTALLATION = '(installation)'
