/**
 * @module
 * List and object constructors as closures: members without a value are left out, and lists within a list flatten
 * unless they are written as lists.
 */
import { type Closure, type Node, OutsideSubset } from './closure-node.ts'
import { append, type Marked } from './closure-values.ts'

type Compile = (node: Node) => Closure

/** The closure of `[a, b]`. */
export function arrayClosure(node: Node, compile: Compile): Closure {
  const items = (node.expressions ?? []).map((item) => ({ run: compile(item), whole: item.value === '[' }))
  const marked = node.consarray === true
  return (context, frame) => {
    const list: Marked = []
    for (const { run, whole } of items) {
      const value = run(context, frame)
      if (value === undefined) continue
      if (whole || !Array.isArray(value)) list.push(value)
      else for (const item of value) list.push(item)
    }
    // Not enumerable: the mark must not show as a member of the list.
    if (marked) Object.defineProperty(list, 'cons', { value: true })
    return list
  }
}

/**
 * The closure of `{"key": value}` with keys that are literals, each given once.
 * @throws OutsideSubset for any other key.
 */
export function objectClosure(node: Node, compile: Compile): Closure {
  if (!Array.isArray(node.lhs)) throw new OutsideSubset('object')
  const members = (node.lhs as readonly (readonly [Node, Node])[]).map(([key, value]) => {
    if (key.type !== 'string' || key.predicate) throw new OutsideSubset('computed key')
    return { key: String(key.value), run: compile(value) }
  })
  const keys = new Set(members.map(({ key }) => key))
  if (keys.size < members.length || refusedKeys.some((key) => keys.has(key))) throw new OutsideSubset('key')
  return (context, frame) => {
    const subject = Array.isArray(context) ? asGroup(context) : context
    const object: Record<string, unknown> = {}
    for (const { key, run } of members) {
      const value = run(subject, frame)
      if (value !== undefined) object[key] = value
    }
    return object
  }
}

/** The interpreter refuses the first two; the third would set a prototype. */
const refusedKeys = ['_jsonata_lambda', '_jsonata_function', '__proto__']

/** A list as the context of a constructor is one group: its items joined as `$append` joins them. */
function asGroup(items: readonly unknown[]): unknown {
  return items.slice(1).reduce((group: unknown, item) => append(group, item), items[0])
}
