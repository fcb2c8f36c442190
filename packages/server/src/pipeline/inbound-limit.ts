/**
 * @module
 * Our own limits on how fast a URL, and all URLs of a tenant together, may be used, and how much at once, whatever the
 * systems allow. It refuses at once and says when to come back; it never queues. The MCP specification asks servers to
 * limit tool invocations; the tenant's share keeps one customer's runaway agents out of the way of the others.
 */
import { fail } from '@quartermaster/protocol'
import type { McpServer } from '../entities/mcp-server.ts'
import { type BucketSize, tokenBuckets } from '../time/token-buckets.ts'
import { type Call, type Refusal, refuse } from './call.ts'
import type { Guard } from './compose.ts'

export interface InboundLimit extends Share {
  /** What all URLs of one tenant may do together. */
  readonly tenant?: Share
}

/** `ratePerS` and `burst` are of calls. */
export interface Share extends BucketSize {
  /** Calls under way at the same time. */
  readonly atOnce?: number
}

export const defaultInboundLimit: InboundLimit = {
  ratePerS: 50,
  burst: 200,
  atOnce: 100,
  tenant: { ratePerS: 200, burst: 800, atOnce: 200 },
}
/** A call takes about that long. */
const ANOTHER_ENDS_S = 1

/** One count of all that comes through a URL, whatever it asks for. */
export interface InboundGate {
  /** Lets one more in; `leave` must be called, once, when it is over. Or the refusal: then nothing is to be given back. */
  enter(server: Pick<McpServer, 'id' | 'tenant'>): { readonly leave: () => void } | { readonly refusal: Refusal }
}

/** @param what Is counted, as a refusal says it. */
export function inboundGate(limit: InboundLimit, now: () => number, what = 'calls'): InboundGate {
  const url = gate(limit, `this URL may make`, 'inbound', what)
  const tenant = limit.tenant && gate(limit.tenant, "this customer's URLs together may make", 'inbound-tenant', what)
  return {
    enter(server) {
      const at = now()
      // Both are asked before either is charged: a refused call costs nobody's share.
      const refusal = url.refusal(server.id, at) ?? tenant?.refusal(server.tenant, at)
      if (refusal) return { refusal }
      const leaves = [url.enter(server.id, at), tenant?.enter(server.tenant, at)]
      return {
        leave() {
          for (const leave of leaves) leave?.()
        },
      }
    },
  }
}

/** The guard of calls at a gate that other requests may pass too. */
export function inboundLimit(gate: InboundGate): Guard<'inboundLimit', Call, object, 'audit'> {
  return {
    name: 'inboundLimit',
    after: ['audit'],
    async run(call, next) {
      const entered = gate.enter(call.access.server)
      if ('refusal' in entered) return entered.refusal
      try {
        return await next()
      } finally {
        entered.leave()
      }
    },
  }
}

function gate(share: Share, may: string, policy: string, what: string) {
  const { ratePerS, burst, atOnce = Number.POSITIVE_INFINITY } = share
  const rate = tokenBuckets(share)
  const underWay = new Map<string, number>()
  return {
    refusal(key: string, at: number): Refusal | undefined {
      if ((underWay.get(key) ?? 0) >= atOnce)
        return refused(`${may} ${atOnce} ${what} at once`, policy, atOnce, ANOTHER_ENDS_S)
      const waitMs = rate.waitMs(key, at)
      const allowed = `${may} ${ratePerS} ${what} a second`
      return waitMs > 0 ? refused(allowed, policy, burst, Math.ceil(waitMs / 1000)) : undefined
    },
    enter(key: string, at: number): () => void {
      rate.take(key, at)
      underWay.set(key, (underWay.get(key) ?? 0) + 1)
      return () => leave(underWay, key)
    },
  }
}

function leave(underWay: Map<string, number>, key: string): void {
  const left = (underWay.get(key) ?? 0) - 1
  if (left > 0) underWay.set(key, left)
  else underWay.delete(key)
}

function refused(allowed: string, policy: string, limit: number, retryAfterS: number): Refusal {
  const failure = fail(
    'rate_limited',
    `429 Too Many Requests: ${allowed}`,
    `Wait ${retryAfterS} s, then repeat the same call. Make fewer calls at once.`,
    { retryAfterS },
  )
  return { ...refuse(failure), quotas: [{ policy, limit, remaining: 0, resetS: retryAfterS }] }
}
