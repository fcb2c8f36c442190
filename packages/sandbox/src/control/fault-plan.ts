/**
 * @module
 * Faults that were armed and wait for a request to hit. A fault hits as often as it was armed for, in arming order.
 */

/** What can go wrong on purpose. */
export type FaultKind = (typeof faultKinds)[number]

/** Every {@link FaultKind}. */
export const faultKinds = [
  'rate_limit',
  'daily_limit',
  'server_error',
  'html_error',
  'truncated_json',
  'dropped_response',
  'latency',
] as const

/** Something that shall go wrong. */
export interface Fault {
  readonly kind: FaultKind
  /** How many requests it hits. Default 1; for `daily_limit` every one until the faults are cleared. */
  readonly times?: number
  /**
   * A path below the vendor's base path, `*` standing for anything. Without it a fault hits the resource API only; with
   * it also the OAuth endpoints.
   */
  readonly path?: string
  readonly method?: string
  /** For `rate_limit`: sends `Retry-After`. */
  readonly retryAfterS?: number
  /** For `rate_limit`: the quota window whose refusal is imitated. */
  readonly window?: string
  /** For `server_error` (default 500) and `html_error` (default 502). */
  readonly status?: number
  /** For `latency`: the delay before the call is handled, in milliseconds. */
  readonly ms?: number
}

/** Armed faults, oldest first. */
export interface FaultPlan {
  arm(fault: Fault): void
  clear(): void
  pending(): readonly Fault[]
  /** The faults that hit this request: all latencies, and the first of the other kinds. Each loses one of its times. */
  hit(request: FaultTarget): readonly Fault[]
}

/** A request that a fault may hit. */
export interface FaultTarget {
  readonly method: string
  readonly path: string
  /** Whether to ask for the faults with a path pattern, or for those without. */
  readonly patterned: boolean
}

/** A plan in which nothing goes wrong. */
export function createFaultPlan(): FaultPlan {
  let armed: { readonly fault: Fault; left: number }[] = []
  return {
    arm(fault) {
      const left = fault.times ?? (fault.kind === 'daily_limit' ? Number.POSITIVE_INFINITY : 1)
      armed.push({ fault, left })
    },
    clear() {
      armed = []
    },
    pending: () => armed.map(({ fault, left }) => (Number.isFinite(left) ? { ...fault, times: left } : { ...fault })),
    hit(target) {
      const hits: Fault[] = []
      for (const entry of armed) {
        const { fault } = entry
        const taken = fault.kind !== 'latency' && hits.some((hit) => hit.kind !== 'latency')
        if (taken || !matches(fault, target)) continue
        entry.left -= 1
        hits.push(fault)
      }
      armed = armed.filter(({ left }) => left > 0)
      return hits
    },
  }
}

function matches({ path, method }: Fault, target: FaultTarget): boolean {
  if ((path !== undefined) !== target.patterned) return false
  if (method !== undefined && method.toUpperCase() !== target.method) return false
  return path === undefined || matchesPattern(path, target.path)
}

/** Whether a path matches a pattern in which `*` stands for any text, slashes included. */
export function matchesPattern(pattern: string, path: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${source}$`, 's').test(path)
}
