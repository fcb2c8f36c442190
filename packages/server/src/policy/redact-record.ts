/**
 * @module
 * A record as a role may see it. Only fields with a known class come through; what a policy strips leaves no trace,
 * not even how many values there were.
 */
import type { CanonicalRecord, ClassTree, PiiClass, Policy } from '@quartermaster/protocol'
import { cleanText } from './clean-text.ts'
import { maskText } from './mask-text.ts'
import { scrubText } from './scrub-text.ts'

/** UTF-16 units. A note may be long; anything else that is longer is not what it claims to be. */
const MAX_FREE_TEXT = 4000
const MAX_TEXT = 512
const MAX_KEY = 128
/** Canonical values are scalars or maps of scalars; deeper ones are somebody's mistake. */
const MAX_DEPTH = 4

const unsafeKeys = new Set(['__proto__', 'constructor', 'prototype'])

/** Applies `policy` to `record`. The input is not changed; the output shares no object with it. */
export function redactRecord(
  record: CanonicalRecord,
  classes: { readonly [field: string]: ClassTree },
  policy: Policy,
): CanonicalRecord {
  return redactMembers(record, classes, policy) ?? {}
}

function redactMembers(
  value: object,
  classes: { readonly [field: string]: ClassTree },
  policy: Policy,
): CanonicalRecord | undefined {
  const members = Object.entries(classes).flatMap(([name, tree]) => {
    if (!Object.hasOwn(value, name) || isHidden(tree, policy)) return []
    const shown = redactValue((value as CanonicalRecord)[name], tree, policy, name)
    return shown === undefined ? [] : [[name, shown] as const]
  })
  return members.length > 0 ? Object.fromEntries(members) : undefined
}

function redactValue(value: unknown, tree: ClassTree, policy: Policy, name: string): unknown {
  if (typeof tree === 'string') return redactLeaf(value, tree, policy, name, 0)
  if (Array.isArray(value)) return redactList(value, (item) => redactValue(item, tree, policy, name))
  return isObject(value) ? redactMembers(value, tree, policy) : undefined
}

/**
 * Decided by the classes alone, never by the data: a list of addresses without the addresses would still say how many
 * there are, so members that only label hidden ones are hidden with them.
 */
function isHidden(tree: ClassTree, policy: Policy): boolean {
  if (typeof tree === 'string') return policy[tree] === 'strip'
  const members = Object.values(tree)
  const shown = members.filter((member) => !isHidden(member, policy))
  return shown.length < members.length && shown.every((member) => member === 'none')
}

function redactLeaf(value: unknown, piiClass: PiiClass, policy: Policy, name: string, depth: number): unknown {
  if (Array.isArray(value) && depth < MAX_DEPTH) {
    return redactList(value, (item) => redactLeaf(item, piiClass, policy, name, depth + 1))
  }
  if (isObject(value) && depth < MAX_DEPTH) return redactMap(value, piiClass, policy, depth)
  if (typeof value === 'string') return redactText(value, piiClass, policy, name)
  if (typeof value === 'boolean') return policy[piiClass] === 'mask' ? undefined : value
  if (typeof value !== 'number' || policy[piiClass] === 'mask') return undefined
  return policy[piiClass] === 'scrub' && scrubText(String(value)) !== String(value) ? undefined : value
}

function redactText(value: string, piiClass: PiiClass, policy: Policy, name: string): string | undefined {
  const maxLength = piiClass === 'free_text' ? MAX_FREE_TEXT : MAX_TEXT
  const text = cleanText(value, maxLength)
  if (policy[piiClass] === 'mask') return maskText(text, piiClass, name)
  return policy[piiClass] === 'scrub' ? cleanText(scrubText(text), maxLength) : text
}

function redactMap(value: object, piiClass: PiiClass, policy: Policy, depth: number): unknown {
  const isSafe = (key: string) => !unsafeKeys.has(key) && (policy[piiClass] === 'keep' || scrubText(key) === key)
  const entries = Object.entries(value).flatMap(([rawKey, member]) => {
    const key = cleanText(rawKey, MAX_KEY)
    const shown = isSafe(key) ? redactLeaf(member, piiClass, policy, key, depth + 1) : undefined
    return shown === undefined ? [] : [[key, shown] as const]
  })
  return entries.length > 0 || Object.keys(value).length === 0 ? Object.fromEntries(entries) : undefined
}

/** A list that loses all of its items is absent; one that was empty stays empty. */
function redactList(items: readonly unknown[], redactItem: (item: unknown) => unknown): unknown {
  const shown = items.map(redactItem).filter((item) => item !== undefined)
  return shown.length > 0 || items.length === 0 ? shown : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
