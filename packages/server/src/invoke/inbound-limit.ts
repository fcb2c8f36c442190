/**
 * @module
 * Our own limit on how fast one URL may be called, whatever its system allows. It refuses at once and says when to come
 * back; it never queues. The MCP specification asks servers to limit tool invocations.
 */
import { fail } from '@quartermaster/protocol'
import type { Guard } from './call.ts'

export interface InboundLimit {
  /** Calls a second, sustained, for one URL. */
  readonly ratePerS: number
  /** Calls at once after a pause. */
  readonly burst: number
}

export const defaultInboundLimit: InboundLimit = { ratePerS: 50, burst: 200 }
const MAX_TRACKED = 10_000

/** The generic cell rate algorithm: one number per URL, the time at which its bucket would be empty again. */
export function inboundLimit(limit: InboundLimit, now: () => number): Guard {
  const intervalMs = 1000 / limit.ratePerS
  const toleranceMs = intervalMs * limit.burst
  const emptyAt = new Map<string, number>()

  return (next) => async (call) => {
    const { id } = call.access.server
    const at = now()
    const start = Math.max(emptyAt.get(id) ?? at, at)
    const waitMs = start + intervalMs - toleranceMs - at
    if (waitMs <= 0) {
      if (emptyAt.size >= MAX_TRACKED) forget(emptyAt, at)
      emptyAt.set(id, start + intervalMs)
      return next(call)
    }
    const retryAfterS = Math.ceil(waitMs / 1000)
    const failure = fail(
      'rate_limited',
      `429 Too Many Requests: this URL allows ${limit.ratePerS} calls a second`,
      `Wait ${retryAfterS} s, then repeat the same call. Make fewer calls at once.`,
      { retryAfterS },
    )
    return {
      ok: false,
      failure,
      quotas: [{ policy: 'inbound', limit: limit.burst, remaining: 0, resetS: retryAfterS }],
    }
  }
}

function forget(emptyAt: Map<string, number>, now: number): void {
  for (const [id, at] of emptyAt) if (at <= now) emptyAt.delete(id)
}
