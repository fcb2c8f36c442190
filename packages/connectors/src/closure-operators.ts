/**
 * @module
 * JSONata's binary operators and negation as closures, with its rules for what is missing and what does not fit.
 */
import type { Closure } from './closure-node.ts'
import { deepEqual, EvaluationFailed, isNumeric, textOf, truth } from './closure-values.ts'

type Binary = (left: unknown, right: unknown) => unknown

function numeric(compute: (left: number, right: number) => number): Binary {
  return (left, right) => {
    if (left !== undefined && !isNumeric(left)) throw new EvaluationFailed('T2001', 'the left side is not a number')
    if (right !== undefined && !isNumeric(right)) throw new EvaluationFailed('T2002', 'the right side is not a number')
    return left === undefined || right === undefined ? undefined : compute(left, right)
  }
}

function isComparable(value: unknown): value is string | number | undefined {
  return value === undefined || typeof value === 'string' || typeof value === 'number'
}

function comparison(compare: (left: string | number, right: string | number) => boolean): Binary {
  return (left, right) => {
    if (!isComparable(left) || !isComparable(right)) {
      throw new EvaluationFailed('T2010', 'only strings and numbers have an order')
    }
    if (left === undefined || right === undefined) return undefined
    if (typeof left !== typeof right) throw new EvaluationFailed('T2009', 'a string and a number have no order')
    return compare(left, right)
  }
}

const eager: Readonly<Record<string, Binary>> = {
  '+': numeric((left, right) => left + right),
  '-': numeric((left, right) => left - right),
  '*': numeric((left, right) => left * right),
  '/': numeric((left, right) => left / right),
  '%': numeric((left, right) => left % right),
  '<': comparison((left, right) => left < right),
  '<=': comparison((left, right) => left <= right),
  '>': comparison((left, right) => left > right),
  '>=': comparison((left, right) => left >= right),
  '=': (left, right) => left !== undefined && right !== undefined && deepEqual(left, right),
  // Neither equal nor unequal: what is missing compares as false both ways.
  '!=': (left, right) => left !== undefined && right !== undefined && !deepEqual(left, right),
  '&': (left, right) => `${left === undefined ? '' : textOf(left)}${right === undefined ? '' : textOf(right)}`,
  in: (left, right) =>
    left !== undefined &&
    right !== undefined &&
    (Array.isArray(right) ? right.some((one) => one === left) : right === left),
}

/** The closure of `left operator right`, or nothing for an operator that is not known here. */
export function binaryClosure(operator: string, left: Closure, right: Closure): Closure | undefined {
  if (operator === 'and') return (context, frame) => truth(left(context, frame)) && truth(right(context, frame))
  if (operator === 'or') return (context, frame) => truth(left(context, frame)) || truth(right(context, frame))
  const compute = Object.hasOwn(eager, operator) ? eager[operator] : undefined
  return compute && ((context, frame) => compute(left(context, frame), right(context, frame)))
}

/** The closure of `-inner`. */
export function negationClosure(inner: Closure): Closure {
  return (context, frame) => {
    const value = inner(context, frame)
    if (value === undefined) return undefined
    if (!isNumeric(value)) throw new EvaluationFailed('D1002', 'only a number can be negated')
    return -value
  }
}
