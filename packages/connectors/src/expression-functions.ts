/**
 * @module
 * The functions that expressions in connector files may call besides the built-in ones. All of them are total: what
 * cannot be converted is absent, so that one odd value never costs a record.
 */
import { soqlContains, soqlLiteral } from './soql-literal.ts'

type Scalar = string | number | boolean

/** Keys that would reach into a prototype when a record is rebuilt. */
export const dangerousKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}

function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return isScalar(value) ? String(value) : undefined
}

function num(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const parsed = Number(value)
  return Number.isFinite(parsed) ? parsed : undefined
}

function bool(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string') return undefined
  const lower = value.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : undefined
}

function withColon(iso: string): string {
  const sign = iso.at(-5)
  return sign === '+' || sign === '-' ? iso.replace(/([+-]\d\d)(\d\d)$/, '$1:$2') : iso
}

/** Accepts ISO 8601 (also with an offset without colon, `+0000`) and epoch milliseconds, as number or digits. */
function instant(value: unknown): Date | undefined {
  const source = typeof value === 'string' && !/^-?\d{9,16}$/.test(value) ? withColon(value) : num(value)
  if (source === undefined || source === '') return undefined
  const date = new Date(source)
  const year = date.getUTCFullYear()
  return year >= 0 && year <= 9999 ? date : undefined
}

function timestamp(value: unknown): string | undefined {
  const iso = instant(value)?.toISOString()
  // For the years that `instant` lets pass, the fraction always starts there.
  return iso && `${iso.slice(0, 19)}Z`
}

function date(value: unknown): string | undefined {
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)) return instant(value) && value
  return instant(value)?.toISOString().slice(0, 10)
}

function words(...parts: readonly unknown[]): string | undefined {
  const joined = parts
    .flatMap((part) => (typeof part === 'string' ? [part.trim()] : []))
    .filter((part) => part !== '')
    .join(' ')
  return joined === '' ? undefined : joined
}

function parts(value: unknown, separator: unknown): string[] {
  if (typeof value !== 'string' || typeof separator !== 'string') return []
  return value
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** The host of a web address, with or without a scheme, without `www.`. */
function host(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  const url = value.includes('://') ? value : `https://${value}`
  return URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, '') || undefined : undefined
}

function json(value: unknown): unknown {
  if (typeof value !== 'string') return undefined
  try {
    return JSON.parse(value) as unknown
  } catch {
    return undefined
  }
}

/**
 * Text without markup: what a reader would see. Tags are cut by a scan that always ends, then entities are read once,
 * so that an escaped tag stays text and is not taken for markup.
 */
function plain(value: unknown): string | undefined {
  const source = text(value)
  if (source === undefined || !/[<&]/.test(source)) return source
  const lines = source.replace(/<(?:br|\/p|\/div|\/li)\b[^<>]*>/gi, '\n').replace(/<\/?[a-z][^<>]*>/gi, '')
  const read = lines.replace(/&(amp|lt|gt|quot|apos|#39|nbsp);/g, (_, name: string) => entities[name] ?? '')
  const shown = read.split('\n').map((line) => line.trim())
  return text(shown.filter((line) => line !== '').join('\n'))
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#39': "'",
  nbsp: ' ',
}

/** Plain text as markup that shows exactly it. */
function html(value: unknown): string | undefined {
  return text(value)?.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replace(/\r?\n/g, '<br>')
}

/** The first `count` characters. */
function start(value: unknown, count: unknown): string | undefined {
  return typeof value === 'string' && typeof count === 'number' ? text(value.slice(0, count)) : undefined
}

function keep(source: unknown, wanted: (key: string) => boolean): Record<string, Scalar> {
  const kept: Record<string, Scalar> = {}
  if (typeof source !== 'object' || source === null) return kept
  // The name decides first: of a record's many members few are wanted, and this runs for every record.
  for (const key of Object.keys(source)) {
    if (!wanted(key) || dangerousKeys.has(key)) continue
    const value = (source as { readonly [name: string]: unknown })[key]
    if (isScalar(value) && value !== '') kept[key] = value
  }
  return kept
}

function suffixed(source: unknown, suffix: unknown): Record<string, Scalar> {
  return typeof suffix === 'string' ? keep(source, (key) => key.endsWith(suffix)) : {}
}

function except(source: unknown, names: unknown, prefix: unknown): Record<string, Scalar> {
  const known = new Set(Array.isArray(names) ? names : [names])
  return keep(source, (key) => !known.has(key) && !(typeof prefix === 'string' && key.startsWith(prefix)))
}

function literal(write: (text: string) => string): (value: unknown) => string {
  return (value) => {
    if (typeof value !== 'string') throw new TypeError('Cannot write a string literal: the value is not a string')
    return write(value)
  }
}

/**
 * - `$text`, `$num`, `$bool`: the value in that type, or nothing. `$words`: non-empty strings joined by a space.
 * - `$timestamp`: RFC 3339 in UTC without a fraction. `$date`: `YYYY-MM-DD`.
 * - `$parts(text, separator)`: trimmed non-empty parts. `$host(text)`: the host of a web address.
 * - `$start(text, count)`: the first characters.
 * - `$json(text)`: parsed, or nothing. `$plain(markup)`: the text in it. `$html(text)`: markup that shows it.
 * - `$suffixed(object, suffix)`, `$except(object, names, prefix)`: scalar members by name.
 * - `$soql(text)`: a quoted literal. `$like(text)`: a quoted pattern that means "contains".
 */
export const expressionFunctions: Readonly<Record<string, (...args: never[]) => unknown>> = {
  text,
  num,
  bool,
  timestamp,
  date,
  words,
  parts,
  host,
  json,
  start,
  plain,
  html,
  suffixed,
  except,
  soql: literal(soqlLiteral),
  like: literal(soqlContains),
}
