/**
 * @module
 * The inbound limit for requests that are no calls: lists of tools, and `initialize` with all others. Each kind has
 * its own count, as large as that of calls, because many clients initialize and list before or after every call, and
 * a call must not fail for the list that checks it. Pings and notifications are not counted.
 */
import type { Failure } from '@quartermaster/protocol'
import type { Access, Refusal } from '../pipeline/call.ts'
import type { InboundGate } from '../pipeline/inbound-limit.ts'

export interface RequestLimits {
  /** Of lists of tools, over every transport. */
  readonly lists: InboundGate
  /** Of `initialize`, `server/discover` and all methods that are not known. */
  readonly initialize: InboundGate
}

export type RequestRefusal = Refusal

/** The refusal of a request that is one too many; undefined when it may be answered. Calls are limited elsewhere. */
export function limitRequests(
  gates: RequestLimits | undefined,
  body: object,
  { server }: Pick<Access, 'server'>,
): RequestRefusal | undefined {
  const { method, id } = body as { readonly method?: unknown; readonly id?: unknown }
  if (!gates || id === undefined || method === 'tools/call' || method === 'ping') return undefined
  return checkLimit(method === 'tools/list' ? gates.lists : gates.initialize, server)
}

/** The refusal of one more; the gate is left at once, because the request uses nothing of a system. */
export function checkLimit(gate: InboundGate, of: Parameters<InboundGate['enter']>[0]): RequestRefusal | undefined {
  const entered = gate.enter(of)
  if ('refusal' in entered) return entered.refusal
  entered.leave()
  return undefined
}

/** What a JSON-RPC error says of it: on a 200, because sessions of several clients die of any other status. */
export function limitError({ failure }: RequestRefusal): {
  readonly code: number
  readonly message: string
  readonly data: Pick<Failure, 'code' | 'status' | 'retry_after_s'>
} {
  const { code, status, message, advice, retry_after_s } = failure
  return {
    code: -32_000,
    message: `${message}. ${advice}`,
    data: { code, status, ...(retry_after_s === undefined ? {} : { retry_after_s }) },
  }
}
