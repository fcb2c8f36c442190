/**
 * @module
 * Calls as closures: functions of connector files, built-in functions by their signature, and `$sort` with a comparator
 * that is written in place. There are no function values, hence no recursion.
 */
import { builtIns, fitArgument } from './closure-functions.ts'
import { admit, type Closure, type Node, OutsideSubset, required, sizeOf, spend } from './closure-node.ts'
import type { Scope } from './closure-scope.ts'
import { expressionFunctions } from './expression-functions.ts'
import { mergeSort } from './merge-sort.ts'

type Compile = (node: Node, scope: Scope) => Closure

/**
 * The closure of a call. Its result may be a sequence that still has to collapse.
 * @throws OutsideSubset
 */
export function compileCall(node: Node, scope: Scope, compile: Compile): Closure {
  const procedure = required(node.procedure)
  admit(procedure)
  const name = String(procedure.value)
  const shadowed = scope.slotOf(name) !== undefined || scope.variables.has(name)
  if (procedure.type !== 'variable' || procedure.predicate || shadowed) throw new OutsideSubset('call of a value')
  const given = node.arguments ?? []
  if (name === 'sort') return sortClosure(given, scope, compile)
  const values = given.map((argument) => compile(argument, scope))
  if (Object.hasOwn(expressionFunctions, name)) {
    const own = expressionFunctions[name] as (...args: unknown[]) => unknown
    return callClosure(own, values)
  }
  const builtIn = builtIns.get(name)
  if (!builtIn) throw new OutsideSubset(`$${name}`)
  const { parameters, optional = 0 } = builtIn
  // With fewer arguments JSONata may take the context for the first one.
  if (values.length > parameters.length || values.length < parameters.length - optional) {
    throw new OutsideSubset(`$${name} with ${values.length} arguments`)
  }
  const fitted = values.map((value, index): Closure => {
    const parameter = parameters[index] ?? 'any'
    return parameter === 'any' ? value : (context, frame) => fitArgument(parameter, value(context, frame))
  })
  return callClosure(builtIn.call as (...args: unknown[]) => unknown, fitted)
}

function callClosure(call: (...args: unknown[]) => unknown, values: readonly Closure[]): Closure {
  const [only] = values
  if (only && values.length === 1) return (context, frame) => call(only(context, frame))
  return (context, frame) => call(...values.map((value) => value(context, frame)))
}

/** `$sort(list, function($a, $b) { … })`; the comparator tells whether `$a` comes after `$b`. */
function sortClosure(given: readonly Node[], scope: Scope, compile: Compile): Closure {
  const [list, comparator] = given
  if (!list || comparator?.type !== 'lambda' || comparator.signature || given.length !== 2) {
    throw new OutsideSubset('sort')
  }
  admit(comparator)
  const body = required(comparator.body)
  let inner = scope
  const slots = (comparator.arguments ?? []).map((parameter) => {
    inner = inner.bind(String(parameter.value))
    return inner.last
  })
  const values = compile(list, scope)
  const after = compile(body, inner)
  const size = sizeOf(body)
  return (context, frame) => {
    const value = values(context, frame)
    if (value === undefined) return undefined
    return mergeSort(Array.isArray(value) ? value : [value], (left, right) => {
      spend(frame, size)
      for (const [index, slot] of slots.entries())
        frame.slots[slot] = index === 0 ? left : index === 1 ? right : undefined
      return Boolean(after(context, frame))
    })
  }
}
