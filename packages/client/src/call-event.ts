/**
 * @module
 * What happens during a call, for progress displays and metrics. Names and numbers only: no arguments, no results.
 */
import type { WaitReason } from './gate/entry.ts'

export type CallEvent = CallStep & { readonly tool: string; readonly account: string }

/** One step of a call. */
export type CallStep =
  | { readonly type: 'tool_call' }
  | {
      readonly type: 'waiting'
      readonly reason: WaitReason
      /** Expected; 0 when it depends on when another call ends. */
      readonly waitMs: number
      readonly attempt: number
    }
  | {
      readonly type: 'rate_limited'
      readonly attempt: number
      readonly retryAfterS?: number
      /** 0 when the call gives up. */
      readonly waitMs: number
    }
  /** One request took longer than the policy's `slaMs`, waits at the gate not included. */
  | { readonly type: 'sla_exceeded'; readonly attempt: number; readonly ms: number; readonly slaMs: number }
  | { readonly type: 'retry'; readonly code: string; readonly attempt: number; readonly waitMs: number }
  | { readonly type: 'tool_result'; readonly ok: true; readonly attempts: number; readonly ms: number }
  | {
      readonly type: 'tool_result'
      readonly ok: false
      readonly code: string
      readonly attempts: number
      readonly ms: number
    }
