/**
 * @module
 * Where the events of a call go: to the graph's custom stream, and to a listener of the program's own.
 */
import type { CallEvent } from '@quartermaster/client'
import type { RateLimitMeta } from '@quartermaster/protocol'

/** What is left of an account's quota, as the answer to a call stated it. */
export type QuotaEvent = RateLimitMeta & { readonly type: 'quota'; readonly account: string }

/** What a tool writes to the graph's custom stream. `toolCallId` names the model's call that it belongs to. */
export type ToolEvent = (CallEvent | QuotaEvent) & { readonly toolCallId?: string }

export interface Listeners {
  /** The graph's, when there is one. */
  readonly writer?: unknown
  readonly onEvent?: ((event: ToolEvent) => void) | undefined
  readonly toolCallId: string | undefined
}

/** A broken display must not break the call. */
export function emitEvent(event: CallEvent | QuotaEvent, { writer, onEvent, toolCallId }: Listeners): void {
  const emitted: ToolEvent = toolCallId === undefined ? event : { ...event, toolCallId }
  for (const listener of [writer, onEvent]) {
    try {
      if (typeof listener === 'function') listener(emitted)
    } catch {
      // The next one may work.
    }
  }
}
