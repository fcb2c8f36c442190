/**
 * @module
 * A tool call on its way through the guards, and the answer on its way back.
 */
import type { Coverage, MethodInput } from '@quartermaster/connectors'
import type { CanonicalRecord, Failure, Policy, Quota } from '@quartermaster/protocol'
import type { IntegratedAccount } from '../entities/account.ts'
import type { McpServer } from '../entities/mcp-server.ts'
import type { StoreDeadline } from '../time/store-deadline.ts'
import type { AccountBinding, AncestorLimit } from '../tools/offer.ts'
import type { Tool } from '../tools/tool.ts'
import type { WriteOptions } from './write-options.ts'

/** What a valid URL and second factor open: everything a call may touch, and nothing else. */
export interface Access {
  readonly server: McpServer
  /** The account that a call is for; of a URL over several the first, until `resolveAccount` has found the one that is meant. */
  readonly account: IntegratedAccount
  /** All accounts of the URL. */
  readonly bindings?: readonly AccountBinding[]
  /** The tools of this URL, in their order. What is not in here does not exist for the caller. */
  readonly tools: readonly Tool[]
  /** What the ancestors of the URL leave to it, nearest first; nothing when none of them has a limit. */
  readonly ancestorLimits?: readonly AncestorLimit[]
  readonly policy: Policy
  /** The id of the API token that came as second factor. */
  readonly actor?: string
  /** How many milliseconds the caller has waited for this. */
  readonly waitedMs?: number
}

/** What the guards of the audit tell each other about a call. */
export interface CallTrace {
  /** What of the call may have reached the system; a preview of a write reads. */
  sent: 'nothing' | 'read' | 'write'
  /** What is left of the time that the caller waits for us. */
  readonly storeDeadline: StoreDeadline
  argumentNames: string
  digest: string
  /** Of the tool as it was called; set by `applyAccountSchema`, because an account's fields are looked up on the way. */
  toolHash?: string
}

export interface Call {
  /** `req_` and 20 base62 characters; in the failure, the audit and the log. */
  readonly requestId: string
  readonly access: Access
  /** As the caller wrote it; may name nothing. */
  readonly toolName: string
  /** As the caller sent them; anything. */
  readonly args: unknown
  readonly signal: AbortSignal
  /** What the caller asks of a write beside its arguments. */
  readonly writeOptions?: WriteOptions
  /** Set by `audit`. */
  readonly trace?: CallTrace
  /** Set by `authorize`; `applyAccountSchema` replaces it by the account's own. */
  readonly tool?: Tool
  /** Set by `redact`: whether any of the account's custom fields would be shown; what would not is not asked for. */
  readonly customFields?: 'wanted' | 'unwanted'
  /** Set by `validateInput`. */
  readonly input?: MethodInput
}

export type Answer =
  | {
      readonly ok: true
      readonly records: readonly CanonicalRecord[]
      /** Below `validateInput` the system's own cursor, above it the sealed one. */
      readonly cursor?: string
      readonly totalCount?: number
      /** Of a batch read: the ids that no record was found for. */
      readonly missing?: readonly string[]
      /** Of an aggregate. */
      readonly coverage?: Coverage
      readonly quotas: readonly Quota[]
      readonly notes?: readonly string[]
      /** What happened in place of what the tool does. */
      readonly did?: 'dry_run' | 'replayed'
    }
  | { readonly ok: false; readonly failure: Failure; readonly quotas: readonly Quota[] }

export type Invoke = (call: Call) => Promise<Answer>
export type Guard = (next: Invoke) => Invoke

/** Wraps `send` in `guards`; the first guard is outermost. */
export function compose(guards: readonly Guard[], send: Invoke): Invoke {
  return guards.reduceRight((next, guard) => guard(next), send)
}

/** A refusal that never reached the system. */
export function refuse(failure: Failure): Answer {
  return { ok: false, failure, quotas: [] }
}
