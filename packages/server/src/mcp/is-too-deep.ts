/**
 * @module
 * Whether a message is nested deeper than any honest one. What works on messages recursively, here and in libraries,
 * must not be driven out of its stack by a caller.
 */
const MAX_DEPTH = 64

/** Looks level by level, so that it needs no stack itself. */
export function isTooDeep(message: unknown): boolean {
  let level: unknown[] = [message]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
  return false
}
