/**
 * @module
 * The names that are known at one place of an expression, resolved while compiling. Names are lexical: a closure never
 * looks one up by its text in a scope of its own.
 */

export interface Scope {
  /** Names that are bound from outside. */
  readonly variables: ReadonlySet<string>
  /** The slot that this scope's newest name has. */
  readonly last: number
  slotOf(name: string): number | undefined
  /** This scope with one name more. Every binding of an expression has a slot of its own. */
  bind(name: string): Scope
}

export function emptyScope(variables: readonly string[]): Scope {
  let next = 0
  const known = new Set(variables)
  const scopeOf = (names: ReadonlyMap<string, number>, last: number): Scope => ({
    variables: known,
    last,
    slotOf: (name) => names.get(name),
    bind: (name) => {
      const slot = next
      next += 1
      return scopeOf(new Map([...names, [name, slot]]), slot)
    },
  })
  return scopeOf(new Map(), -1)
}
