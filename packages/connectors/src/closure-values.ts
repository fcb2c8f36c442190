/**
 * @module
 * JSONata's values: sequences that collapse, truth, text, equality, and looking up a name. Same results and error codes
 * as jsonata 2.2.2, except that data is never taken for a function and never changed.
 */

/** An array with the marks that decide how it is flattened and whether it collapses. */
export interface Marked extends Array<unknown> {
  /** A result of navigating: one item stands for itself, none for nothing. */
  sequence?: true
  /** One item stays a list. */
  keepSingleton?: true
  /** Written as `[…]` at the start or end of a path: stays whole inside of other lists. */
  cons?: true
  /** Holds the input of the whole expression, which is a list. */
  outer?: true
}

/** An evaluation that JSONata refuses; `code` is JSONata's own. */
export class EvaluationFailed extends Error {
  override readonly name = 'EvaluationFailed'
  readonly code: string

  constructor(code: string, because: string) {
    super(`Cannot evaluate: ${because} (${code})`)
    this.code = code
  }
}

export function sequenceOf(...items: unknown[]): Marked {
  const marked: Marked = items
  marked.sequence = true
  return marked
}

export function isSequence(value: unknown): value is Marked {
  return Array.isArray(value) && (value as Marked).sequence === true
}

/** What a finished sequence stands for. */
export function collapse(value: unknown, keep: boolean): unknown {
  if (!isSequence(value)) return value
  if (keep) value.keepSingleton = true
  if (value.length === 0) return undefined
  return value.length === 1 && value.keepSingleton !== true ? value[0] : value
}

/** @throws EvaluationFailed D1001 for an infinite number. */
export function isNumeric(value: unknown): value is number {
  if (typeof value !== 'number' || Number.isNaN(value)) return false
  if (!Number.isFinite(value)) throw new EvaluationFailed('D1001', 'a number is out of range')
  return true
}

export function truth(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 1 ? truth(value[0]) : value.filter(truth).length > 0
  if (typeof value === 'string') return value !== ''
  if (typeof value === 'number') return isNumeric(value) && value !== 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return value === true
}

/** @throws EvaluationFailed D3001 or D1001 for an infinite number. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new EvaluationFailed('D3001', 'a number is out of range')
  }
  const plain: unknown = Array.isArray(value) && (value as Marked).outer ? value[0] : value
  return JSON.stringify(plain, (_key, member: unknown) =>
    isNumeric(member) && !Number.isInteger(member) ? Number(member.toPrecision(15)) : member,
  )
}

export function append(first: unknown, second: unknown): unknown {
  if (first === undefined) return second
  if (second === undefined) return first
  return (Array.isArray(first) ? first : [first]).concat(second)
}

export function lookup(value: unknown, key: string): unknown {
  if (!Array.isArray(value)) {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
      ? (value as { readonly [name: string]: unknown })[key]
      : undefined
  }
  const found = sequenceOf()
  for (const item of value) {
    const one = lookup(item, key)
    if (Array.isArray(one)) for (const each of one) found.push(each)
    else if (one !== undefined) found.push(one)
  }
  return found
}

export function deepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => deepEqual(item, right[index]))
  }
  // The interpreter counts a list's `length` as a member, so that [] = {"length": 0}. A list is never an object here.
  if (Array.isArray(left) || Array.isArray(right)) return false
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  return keys.every((key) => Object.hasOwn(right, key) && deepEqual(lookup(left, key), lookup(right, key)))
}
