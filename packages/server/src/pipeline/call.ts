/**
 * @module
 * A tool call at the stages of its way through the guards, and the answer on its way back. Each stage is a type of its
 * own: a guard that reads a tool takes a {@link ToolCall}, and cannot be put where there is none yet.
 */
import type { FailedOutcome, MethodInput, OkOutcome } from '@quartermaster/connectors'
import type { Failure, Policy } from '@quartermaster/protocol'
import type { IntegratedAccount } from '../entities/account.ts'
import type { McpServer } from '../entities/mcp-server.ts'
import type { StoreDeadline } from '../time/store-deadline.ts'
import type { AccountBinding, AncestorLimit } from '../tools/offer.ts'
import type { Tool } from '../tools/tool.ts'
import type { InvalidWriteOptions, WriteOptions } from './write-options.ts'

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

/** As a transport hands it over. */
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
  readonly writeOptions?: WriteOptions | InvalidWriteOptions
}

/** `audit` keeps a trace of it. */
export interface AuditedCall extends Call {
  readonly trace: CallTrace
}

/** `authorize` has found its tool; `applyAccountSchema` replaces it by the account's own. */
export interface ToolCall extends Call {
  readonly tool: Tool
}

/** `validateInput` has bound its arguments to the parameters of its tool. */
export interface BoundCall extends ToolCall {
  readonly input: MethodInput
}

/** `validateWriteOptions` has read what is asked beside the arguments. */
export interface WriteCall extends BoundCall {
  readonly writeOptions: WriteOptions
}

/** `redact` knows whether any of the account's custom fields would be shown; what would not is not asked for. */
export interface RedactedCall extends BoundCall {
  readonly customFields: 'wanted' | 'unwanted'
}

/** A method's outcome, with what guards say beside it. Outside of `validateInput` its cursor is the sealed one. */
export type Answer = GoodAnswer | Refusal

export interface GoodAnswer extends OkOutcome {
  readonly notes?: readonly string[]
  /** What happened in place of what the tool does. */
  readonly did?: 'dry_run' | 'replayed'
}

export type Refusal = FailedOutcome

/** Takes a call through all guards to its answer. */
export type Invoke = (call: Call) => Promise<Answer>

/** A refusal that never reached the system. */
export function refuse(failure: Failure): Refusal {
  return { ok: false, failure, quotas: [] }
}
