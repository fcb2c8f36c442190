/**
 * @module
 * Quota windows that roll: a unit that was taken is free again exactly one window length later.
 */
import type { QuotaWindows } from '../vendor.ts'

/** `limit` units in any `windowMs` milliseconds. */
export interface WindowSize {
  readonly limit: number
  readonly windowMs: number
}

/** Windows whose sizes can be changed. */
export interface RollingWindows extends QuotaWindows {
  /** Changes a size from now on; what was taken stays taken. False when there is no such window. */
  set(name: string, size: Partial<WindowSize>): boolean
  sizes(): { readonly [name: string]: WindowSize }
  /** Frees everything that was taken. */
  clear(): void
}

/** Windows of the given sizes over the given clock. Asking for one that does not exist throws a RangeError. */
export function createRollingWindows(
  sizes: { readonly [name: string]: WindowSize },
  now: () => number,
): RollingWindows {
  const windows = new Map(Object.entries(sizes).map(([name, size]) => [name, { size, taken: [] as number[] }]))

  const find = (name: string) => {
    const window = windows.get(name)
    if (!window) throw new RangeError(`Cannot read the quota window: there is none named ${JSON.stringify(name)}`)
    const oldest = now() - window.size.windowMs
    const kept = window.taken.findIndex((time) => time > oldest)
    window.taken.splice(0, kept === -1 ? window.taken.length : kept)
    return window
  }
  const peek = (name: string) => {
    const { size, taken } = find(name)
    const first = taken[Math.max(0, taken.length - size.limit)]
    const resetMs = first === undefined ? 0 : first + size.windowMs - now()
    return { limit: size.limit, remaining: Math.max(0, size.limit - taken.length), resetMs }
  }

  return {
    get: (name) => ({ ...find(name).size }),
    peek,
    take(name) {
      const { size, taken } = find(name)
      const ok = taken.length < size.limit
      if (ok) taken.push(now())
      return { ok, ...peek(name) }
    },
    set(name, size) {
      const window = windows.get(name)
      if (window) window.size = { ...window.size, ...size }
      return window !== undefined
    },
    sizes: () => Object.fromEntries([...windows].map(([name, { size }]) => [name, { ...size }])),
    clear() {
      for (const window of windows.values()) window.taken.length = 0
    },
  }
}
