/**
 * @module
 * Paths and predicates as closures: every step runs over what the step before found, lists flatten by one level, and
 * what is missing ends the path. A path through plain objects allocates nothing.
 */
import { type Closure, type Filter, type Frame, type Node, OutsideSubset, sizeOf, spend } from './closure-node.ts'
import { isNumeric, isSequence, type Marked, sequenceOf, truth } from './closure-values.ts'

/** Compiles a node in the scope that the path stands in. */
type Compile = (node: Node) => Closure

/** Keeps of a value, seen as a list, what passes. */
export type FilterClosure = (value: unknown, frame: Frame) => Marked

interface Step {
  readonly run: Closure
  readonly filters: readonly FilterClosure[]
  readonly size: number
}

/** The closure of `[predicate]`: a number picks by position, numbers by positions, anything else by its truth. */
export function filterClosure({ expr }: Filter, compile: Compile): FilterClosure {
  if (expr.type === 'number') {
    const position = Math.floor(Number(expr.value))
    return (value) => {
      const list = Array.isArray(value) ? value : [value]
      const item: unknown = list[position < 0 ? list.length + position : position]
      if (item === undefined) return sequenceOf()
      return Array.isArray(item) ? item : sequenceOf(item)
    }
  }
  const passes = compile(expr)
  const size = sizeOf(expr)
  return (value, frame) => {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value]
    spend(frame, size * list.length)
    const kept = sequenceOf()
    for (const [index, item] of list.entries()) {
      const told = passes(item, frame)
      const positions = isNumeric(told) ? [told] : told
      if (!Array.isArray(positions) || !positions.every((one) => isNumeric(one))) {
        if (truth(told)) kept.push(item)
        continue
      }
      for (const one of positions as number[]) {
        const position = Math.floor(one)
        if ((position < 0 ? list.length + position : position) === index) kept.push(item)
      }
    }
    return kept
  }
}

/**
 * The closure of a path. Its result may be a sequence that still has to collapse.
 * @throws OutsideSubset
 */
export function pathClosure(node: Node, compile: Compile): Closure {
  const nodes = node.steps ?? []
  const [first] = nodes
  if (first === undefined) throw new OutsideSubset('empty path')
  const constructed = first.consarray === true
  // The result of such a first step can be something that is no list, which the interpreter reads letter by letter.
  if (constructed && (first.type !== 'unary' || first.predicate)) throw new OutsideSubset('predicate on a constructor')
  const steps = nodes.map((one): Step => {
    const filters = (one.stages ?? []).map((stage) => filterClosure(stage, compile))
    return { run: compile(one), filters, size: sizeOf(one) }
  })
  const keep = node.keepSingletonArray === true
  const general = keep || constructed || steps.some(({ filters }) => filters.length > 0)
  const spreads = first.type !== 'variable'
  const last = steps.length - 1

  const walk = (start: Marked, from: number, frame: Frame): Marked => {
    let current = start
    for (let index = from; index <= last; index += 1) {
      const step = steps[index] as Step
      current =
        index === 0 && constructed
          ? (step.run(current, frame) as Marked)
          : stepOver(step, current, index === last, frame)
      if (current.length === 0) break
    }
    return keep ? kept(current) : current
  }

  return (context, frame) => {
    const spread = spreads && Array.isArray(context)
    if (general || spread) return walk(spread ? context : sequenceOf(context), 0, frame)
    let value = context
    for (let index = 0; index <= last; index += 1) {
      value = (steps[index] as Step).run(value, frame)
      if (value === undefined) return undefined
      if (Array.isArray(value)) {
        const found = flat([value], index === last)
        return index === last || found.length === 0 ? found : walk(found, index + 1, frame)
      }
    }
    return value
  }
}

function stepOver({ run, filters, size }: Step, input: readonly unknown[], isLast: boolean, frame: Frame): Marked {
  spend(frame, size * input.length)
  const results: unknown[] = []
  for (const item of input) {
    let result = run(item, frame)
    for (const filter of filters) result = filter(result, frame)
    if (result !== undefined) results.push(result)
  }
  return flat(results, isLast)
}

/** The only result of the last step, when it is a list of the data, is the result as it stands. */
function flat(results: readonly unknown[], isLast: boolean): Marked {
  const [only] = results
  if (isLast && results.length === 1 && Array.isArray(only) && !isSequence(only)) return only
  const flattened = sequenceOf()
  for (const result of results) {
    if (!Array.isArray(result) || (result as Marked).cons) flattened.push(result)
    else for (const item of result) flattened.push(item)
  }
  return flattened
}

function kept(list: Marked): Marked {
  const sequence = list.cons && !list.sequence ? sequenceOf(list) : list
  // A list of the data is no sequence, does not collapse, and is not to be marked.
  if (sequence.sequence) sequence.keepSingleton = true
  return sequence
}
