/**
 * @module
 * Expressions of connector files: JSONata without `$eval`, regular expressions, ranges and clocks, with every name
 * checked when it is compiled and a step budget when it runs. It promises to end. What the closure compiler knows runs
 * at once, everything else in the interpreter.
 */
import jsonata from 'jsonata'
import { type CompiledClosure, compileClosure } from './compile-closure.ts'
import { expressionFunctions } from './expression-functions.ts'

/**
 * A compiled expression. Gives the value, or a promise of it; never throws. The promise rejects when evaluation fails or
 * takes more steps than allowed.
 */
export type Expression = (input: unknown, bindings?: { readonly [name: string]: unknown }) => unknown

export interface CompiledExpression {
  readonly run: Expression
  readonly ast: jsonata.ExprNode
  /** True when it is a closure, which gives its value at once; false when the interpreter runs it. */
  readonly closed: boolean
}

export interface ExpressionOptions {
  /** How many nodes one evaluation may run through; {@link STEP_BUDGET} unless told. */
  readonly steps?: number
  /** Runs it in the interpreter even if it could be a closure: to compare the two. */
  readonly interpret?: boolean
}

/** An expression that may not be used; `message` says why, without the expression's text. */
export class ExpressionInvalid extends Error {
  override readonly name = 'ExpressionInvalid'
}

/** Built-in functions that always end, see no clock, and whose cost is bounded by what they are given. */
const builtIn = new Set(
  `abs append boolean ceil contains count distinct each exists filter floor join keys length lookup lowercase map max
  merge min not number power reduce reverse round sift sort split spread string substring substringAfter
  substringBefore sum trim type uppercase zip`.split(/\s+/),
)

const refused: Readonly<Record<string, string>> = {
  regex: 'regular expressions can take exponential time',
  transform: 'the transform operator copies its input',
  descendant: 'the descendant operator visits everything',
  partial: 'partial application is not needed here',
}

/** A page of 100 records through a mapping of 100 nodes is 10,000 steps; nothing honest needs five times that. */
export const STEP_BUDGET = 50_000

const ENTRY = Symbol.for('jsonata.__evaluate_entry')

interface Frame {
  readonly base: { steps?: number }
}

/**
 * Compiles an expression.
 * @param variables names of the bindings it may use, without `$`.
 * @throws ExpressionInvalid for a syntax error, a construct that is not allowed, or an unknown name.
 */
export function compileExpression(
  source: string,
  variables: readonly string[],
  options: ExpressionOptions = {},
): CompiledExpression {
  const steps = options.steps ?? STEP_BUDGET
  const expression = parse(source)
  const ast = expression.ast()
  checkNames(ast, new Set([...variables, ...localNames(ast)]))
  const closure = options.interpret ? undefined : compileClosure(ast, variables, steps)
  return closure
    ? { ast, closed: true, run: settled(closure) }
    : { ast, closed: false, run: interpreted(expression, steps) }
}

/** Failures reject, as they do in the interpreter, so that callers need one way to meet them. */
function settled(closure: CompiledClosure): Expression {
  return (input, bindings = {}) => {
    try {
      return closure(input, bindings)
    } catch (error) {
      return Promise.reject(error)
    }
  }
}

function interpreted(expression: jsonata.Expression, steps: number): Expression {
  expression.assign('eval', undefined)
  for (const [name, implementation] of Object.entries(expressionFunctions)) {
    expression.registerFunction(name, implementation as (...args: unknown[]) => unknown)
  }
  const count = (_node: unknown, _input: unknown, frame: Frame) => {
    frame.base.steps = (frame.base.steps ?? 0) + 1
    if (frame.base.steps > steps) throw new RangeError(`Cannot evaluate: more than ${steps} steps`)
  }
  // The declared name type is string; the hook is a symbol, and only `assign` reaches the frame it is looked up in.
  expression.assign(ENTRY as unknown as string, count)
  return async (input, bindings = {}) => (await expression.evaluate(input, { ...bindings })) as unknown
}

function parse(source: string): jsonata.Expression {
  try {
    return jsonata(source, { stack: 200 })
  } catch (cause) {
    const { message, position } = cause as Partial<jsonata.JsonataError>
    throw new ExpressionInvalid(`${message ?? 'syntax error'} (at ${position ?? 0})`, { cause })
  }
}

function* nodes(value: unknown): Generator<jsonata.ExprNode> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value) && 'type' in value) yield value as jsonata.ExprNode
  for (const member of Object.values(value)) yield* nodes(member)
}

function localNames(ast: jsonata.ExprNode): string[] {
  const names: string[] = []
  for (const node of nodes(ast)) {
    const kind: string = node.type
    if (kind === 'bind') names.push(String((node.lhs as jsonata.ExprNode).value))
    if (kind === 'lambda') for (const argument of node.arguments ?? []) names.push(String(argument.value))
  }
  return names
}

function checkNames(ast: jsonata.ExprNode, known: ReadonlySet<string>): void {
  for (const node of nodes(ast)) {
    const reason = refused[node.type]
    if (reason !== undefined) throw new ExpressionInvalid(`${node.type} is not allowed: ${reason}`)
    if (node.type === 'binary' && node.value === '..') throw new ExpressionInvalid('ranges are not allowed')
    if (node.type !== 'variable') continue
    const name = String(node.value)
    if (name === '' || name === '$' || known.has(name) || builtIn.has(name)) continue
    if (!Object.hasOwn(expressionFunctions, name)) throw new ExpressionInvalid(`unknown name $${name}`)
  }
}
