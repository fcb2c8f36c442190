/**
 * @module
 * Compiles the syntax tree of an expression to a synchronous closure, for the part of JSONata that connectors use:
 * paths, predicates, constructors, operators, conditions, blocks with local names, and calls of known functions. It has
 * no loops but those over its input, no recursion and no generated code, so that it ends by construction.
 */
import type { ExprNode } from 'jsonata'
import { compileCall } from './closure-call.ts'
import { arrayClosure, objectClosure } from './closure-constructors.ts'
import { admit, type Closure, type Frame, type Node, OutsideSubset, required, sizeOf } from './closure-node.ts'
import { binaryClosure, negationClosure } from './closure-operators.ts'
import { filterClosure, pathClosure } from './closure-path.ts'
import { emptyScope, type Scope } from './closure-scope.ts'
import { collapse, lookup, type Marked, sequenceOf, truth } from './closure-values.ts'

/** Evaluates at once. Throws what the interpreter would reject with. */
export type CompiledClosure = (input: unknown, bindings: { readonly [name: string]: unknown }) => unknown

/**
 * Returns the closure, or nothing when any part of the expression is outside of what is known here.
 * @param variables names of the bindings it may use, without `$`.
 * @param steps how many nodes one evaluation may run through.
 */
export function compileClosure(
  ast: ExprNode,
  variables: readonly string[],
  steps: number,
): CompiledClosure | undefined {
  const scope = emptyScope(variables)
  const root = ast as unknown as Node
  try {
    const run = compileNode(root, scope)
    const size = sizeOf(root)
    return (input, bindings) => {
      const frame: Frame = { root: input, bindings, slots: [], steps, left: steps - size }
      return run(Array.isArray(input) ? outer(input) : input, frame)
    }
  } catch (error) {
    if (error instanceof OutsideSubset) return undefined
    throw error
  }
}

/** A list as the input of a whole expression is one context, not many. */
function outer(input: unknown[]): Marked {
  const wrapped = sequenceOf(input)
  wrapped.outer = true
  return wrapped
}

function compileNode(node: Node, scope: Scope): Closure {
  admit(node)
  const run = bareClosure(node, scope)
  const filters = (node.predicate ?? []).map((filter) => filterClosure(filter, (inner) => compileNode(inner, scope)))
  const keep = node.keepArray === true
  if (filters.length === 0 && !keep && alwaysFinished.has(node.type)) return run
  return (context, frame) => {
    let value = run(context, frame)
    for (const filter of filters) value = filter(value, frame)
    return collapse(value, keep)
  }
}

/** What these give has collapsed already, or never is a sequence. */
const alwaysFinished: ReadonlySet<string> = new Set([
  'string',
  'number',
  'value',
  'binary',
  'unary',
  'condition',
  'block',
])

function bareClosure(node: Node, scope: Scope): Closure {
  const compile = (inner: Node | undefined) => compileNode(required(inner), scope)
  switch (node.type) {
    case 'path':
      return pathClosure(node, compile)
    case 'name': {
      const key = String(node.value)
      return (context) => lookup(context, key)
    }
    case 'string':
    case 'number':
    case 'value':
      return () => node.value
    case 'variable':
      return variableClosure(String(node.value), scope)
    case 'binary': {
      const closure = binaryClosure(String(node.value), compile(node.lhs as Node), compile(node.rhs))
      if (!closure) throw new OutsideSubset(`operator ${String(node.value)}`)
      return closure
    }
    case 'unary':
      if (node.value === '-') return negationClosure(compile(node.expression))
      if (node.value === '[') return arrayClosure(node, compile)
      return objectClosure(node, compile)
    case 'condition':
      return conditionClosure(compile(node.condition), compile(node.then), node.else && compile(node.else))
    case 'block':
      return blockClosure(node, scope)
    case 'function':
      return compileCall(node, scope, compileNode)
    default:
      throw new OutsideSubset(node.type)
  }
}

function variableClosure(name: string, scope: Scope): Closure {
  if (name === '') return (context) => (Array.isArray(context) && (context as Marked).outer ? context[0] : context)
  if (name === '$') return (_context, frame) => frame.root
  const slot = scope.slotOf(name)
  if (slot !== undefined) return (_context, frame) => frame.slots[slot]
  // A function as a value is for the interpreter.
  if (!scope.variables.has(name)) throw new OutsideSubset(`$${name} as a value`)
  return (_context, { bindings }) => (Object.hasOwn(bindings, name) ? bindings[name] : undefined)
}

function conditionClosure(condition: Closure, then: Closure, otherwise: Closure | undefined): Closure {
  return (context, frame) => (truth(condition(context, frame)) ? then(context, frame) : otherwise?.(context, frame))
}

/** A name is known from the statement after the one that binds it, to the end of the block. */
function blockClosure(node: Node, outerScope: Scope): Closure {
  let scope = outerScope
  const statements = (node.expressions ?? []).map((statement): Closure => {
    if (statement.type !== 'bind') return compileNode(statement, scope)
    admit(statement)
    if (statement.predicate || statement.keepArray) throw new OutsideSubset('predicate on a binding')
    const value = compileNode(required(statement.rhs), scope)
    const inner = scope.bind(String((statement.lhs as Node).value))
    const slot = inner.last
    scope = inner
    return (context, frame) => {
      frame.slots[slot] = value(context, frame)
      return frame.slots[slot]
    }
  })
  return (context, frame) => {
    let result: unknown
    for (const statement of statements) result = statement(context, frame)
    return result
  }
}
