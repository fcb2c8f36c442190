/**
 * @module
 * One argument's value in the type its property has. Models write numbers as strings and strings as numbers; both
 * mean what they say.
 */
import type { ToolProperty } from './tool.ts'

/** 64 KiB of UTF-16 units: more than any field of a CRM holds. */
export const MAX_ARGUMENT_LENGTH = 65_536

export type CoercedValue =
  | { readonly ok: true; readonly value: string | number | boolean | readonly string[] }
  /** `expected` continues "must be". */
  | { readonly ok: false; readonly expected: string }

const integerText = /^[+-]?\d{1,16}$/
const numberText = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/
const MAX_NUMBER_TEXT = 64
const MAX_LIST = 1_000

const expectations = {
  string: `text of at most ${MAX_ARGUMENT_LENGTH} characters`,
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list of texts',
} as const satisfies Record<ToolProperty['type'], string>

/** Reads `value` as the property's type, without ever repeating it. */
export function coerceValue(value: unknown, { type, enum: allowed }: ToolProperty): CoercedValue {
  const read = readers[type](value)
  if (read === undefined) return { ok: false, expected: expectations[type] }
  if (allowed && !allowed.includes(String(read))) return { ok: false, expected: `one of ${allowed.join(', ')}` }
  return { ok: true, value: read }
}

const readers = { string: readText, integer: readInteger, number: readNumber, boolean: readBoolean, array: readList }

function readText(value: unknown): string | undefined {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return String(value)
  // Half a surrogate pair cannot be put into a URL.
  const isText = typeof value === 'string' && value.length <= MAX_ARGUMENT_LENGTH && value.isWellFormed()
  return isText ? value : undefined
}

/** Models that cannot write a list write its members with commas between them, or the list as JSON. */
function readList(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string' && value.length <= MAX_ARGUMENT_LENGTH) {
    return readList(
      value
        .split(',')
        .map(withoutWrapping)
        .filter((item) => item !== ''),
    )
  }
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_LIST) return undefined
  const items = value.map(readText).filter((item) => item !== undefined)
  return items.length === value.length ? items : undefined
}

const BEFORE_ITEM = /[\s["']/
const AFTER_ITEM = /[\s\]"']/

/** By hand: an expression for what stands at the end takes the square of a long run that stands somewhere else. */
function withoutWrapping(item: string): string {
  let [from, to] = [0, item.length]
  while (from < to && BEFORE_ITEM.test(item.charAt(from))) from += 1
  while (to > from && AFTER_ITEM.test(item.charAt(to - 1))) to -= 1
  return item.slice(from, to)
}

function readInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && integerText.test(value.trim()) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}

function readNumber(value: unknown): number | undefined {
  const isText = typeof value === 'string' && value.length <= MAX_NUMBER_TEXT && numberText.test(value.trim())
  const number = isText ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

function readBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const word = typeof value === 'string' && value.length < 16 ? value.trim().toLowerCase() : undefined
  return word === 'true' ? true : word === 'false' ? false : undefined
}
