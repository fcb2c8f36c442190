/**
 * @module
 * A record as a role may see it. Only fields with a known class come through; what a policy strips leaves no trace,
 * not even how many values there were.
 */
import type { CanonicalRecord, ClassTree, Policy } from '@quartermaster/protocol'
import { cleanText } from './clean-text.ts'
import { fieldKind } from './field-kind.ts'
import { dateLike, maskText } from './mask-text.ts'
import { scrubText } from './scrub-text.ts'
import { customRule, type FieldClasses, isRule, type Members, nothingClassified, type Rule, viewOf } from './view.ts'

/** UTF-16 units. A note may be long; anything else that is longer is not what it claims to be. */
const MAX_FREE_TEXT = 4000
const MAX_TEXT = 512
const MAX_KEY = 128
/** Canonical values are scalars or maps of scalars; deeper ones are somebody's mistake. */
const MAX_DEPTH = 4

const unsafeKeys = new Set(['__proto__', 'constructor', 'prototype'])

export interface RedactOptions {
  /** The canonical record's name; pseudonyms of its id carry it. */
  readonly record?: string
  /** What the operator says of the account's fields. */
  readonly operator?: FieldClasses
  /** Without it there are no pseudonyms, and what should have one is stripped. */
  readonly conceal?: (value: string, kind: string) => string | undefined
}

interface Context extends Required<Pick<RedactOptions, 'record' | 'operator'>> {
  readonly policy: Policy
  readonly conceal: RedactOptions['conceal']
}

/** Where a leaf stands, for masks and pseudonyms. */
interface Place {
  readonly within: string | undefined
  readonly field: string
  readonly type?: unknown
}

/** Applies `policy` to `record`. The input is not changed; the output shares no object with it. */
export function redactRecord(
  record: CanonicalRecord,
  classes: { readonly [field: string]: ClassTree },
  policy: Policy,
  options: RedactOptions = {},
): CanonicalRecord {
  const { record: name = '', operator = nothingClassified, conceal } = options
  const context: Context = { policy, record: name, operator, conceal }
  return redactMembers(record, viewOf(classes, policy, operator), context, undefined) ?? {}
}

function redactMembers(
  value: object,
  { members }: Members,
  context: Context,
  within: string | undefined,
): CanonicalRecord | undefined {
  const shown: [string, unknown][] = []
  for (const [name, view] of members) {
    if (!Object.hasOwn(value, name)) continue
    const member = (value as CanonicalRecord)[name]
    const place = { within, field: name, type: (value as CanonicalRecord)['type'] }
    const redacted = isRule(view)
      ? redactLeaf(member, view, context, place, 0)
      : redactNested(member, view, context, name)
    if (redacted !== undefined) shown.push([name, redacted])
  }
  return shown.length > 0 ? Object.fromEntries(shown) : undefined
}

function redactNested(value: unknown, view: Members, context: Context, name: string): unknown {
  if (Array.isArray(value)) return redactList(value, (item) => redactNested(item, view, context, name))
  return isObject(value) ? redactMembers(value, view, context, name) : undefined
}

function redactLeaf(value: unknown, rule: Rule, context: Context, place: Place, depth: number): unknown {
  if (Array.isArray(value) && depth < MAX_DEPTH) {
    return redactList(value, (item) => redactLeaf(item, rule, context, place, depth + 1))
  }
  if (isObject(value) && depth < MAX_DEPTH) return redactMap(value, rule, context, depth)
  if (rule.action === 'strip') return undefined
  if (typeof value === 'string') return redactText(value, rule, context, place)
  if (typeof value !== 'number' && typeof value !== 'boolean') return undefined
  // A number or a flag has no partial form of its own type.
  if (rule.action === 'mask' || rule.action === 'pseudonym') return undefined
  return rule.action === 'scrub' && scrubText(String(value)) !== String(value) ? undefined : value
}

function redactText(value: string, rule: Rule, context: Context, place: Place): string | undefined {
  const maxLength = rule.piiClass === 'free_text' || rule.piiClass === 'unclassified' ? MAX_FREE_TEXT : MAX_TEXT
  const text = cleanText(value, maxLength)
  switch (rule.action) {
    case 'keep':
      return text
    case 'mask':
      return maskText(text, rule.piiClass, place.field)
    case 'scrub':
      return cleanText(scrubText(text), maxLength)
    case 'pseudonym':
      // Dates have no pseudonym that is still a date.
      if (dateLike.test(text)) return undefined
      return context.conceal?.(text, fieldKind({ record: context.record, ...place }, rule.piiClass))
    default:
      return undefined
  }
}

/** Of the account's custom fields each has the class that an operator gave it. */
function redactMap(value: object, rule: Rule, context: Context, depth: number): unknown {
  const own = rule.piiClass === 'unclassified'
  const entries = Object.entries(value).flatMap(([rawKey, member]) => {
    const field = cleanText(rawKey, MAX_KEY)
    const inner = own ? customRule(context.policy, context.operator, field) : rule
    // The name of a field that nobody classified could be a person's.
    if (unsafeKeys.has(field) || (inner.action !== 'keep' && !own && scrubText(field) !== field)) return []
    const shown = redactLeaf(member, inner, context, { within: undefined, field }, depth + 1)
    return shown === undefined ? [] : [[field, shown] as const]
  })
  if (entries.length > 0) return Object.fromEntries(entries)
  return rule.action !== 'strip' && Object.keys(value).length === 0 ? {} : undefined
}

/** A list that loses all of its items is absent; one that was empty stays empty. */
function redactList(items: readonly unknown[], redactItem: (item: unknown) => unknown): unknown {
  const shown = items.map(redactItem).filter((item) => item !== undefined)
  return shown.length > 0 || items.length === 0 ? shown : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
