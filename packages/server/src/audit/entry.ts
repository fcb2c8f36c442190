/**
 * @module
 * One line of the audit: who used which tool on which account, when, with what outcome. It has no place for
 * arguments, answers or tokens.
 */
export interface AuditEntry {
  /** Epoch milliseconds. */
  readonly at: number
  readonly requestId: string
  readonly tenant: string
  readonly accountId: string
  readonly serverId: string
  /** The tool's name, or `(unknown)`: a name that the caller invented is not repeated. */
  readonly tool: string
  /** `intent` is written before a write is sent, `outcome` before any answer leaves. */
  readonly phase: 'intent' | 'outcome'
  /** `ok`, or a failure code. */
  readonly outcome: string
  readonly ms: number
  /** How many records the answer held. */
  readonly records: number
}
