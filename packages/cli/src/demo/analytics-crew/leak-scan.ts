/**
 * @module
 * Searches texts for personal values: exact for addresses, numbers and sentences, as whole words for names. JSON is
 * searched as written and unpacked, at any depth, so that no escape hides a value.
 */
import type { PersonalValues } from './personal-values.ts'

export interface Leak {
  readonly kind: keyof PersonalValues
  readonly value: string
}

/** The personal values that occur, each once, with the kind they are of. */
export function leakScan(texts: readonly string[], values: PersonalValues): readonly Leak[] {
  const haystack = texts.flatMap(unpack).join('\n').toLowerCase()
  const occurs = (kind: keyof PersonalValues, value: string) =>
    kind === 'last_names' ? wordIn(haystack, value.toLowerCase()) : haystack.includes(value.toLowerCase())
  const kinds = Object.keys(values) as (keyof PersonalValues)[]
  return kinds.flatMap((kind) =>
    values[kind].filter((value) => occurs(kind, value)).map((value): Leak => ({ kind, value })),
  )
}

function wordIn(haystack: string, word: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}])${word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'u').test(
    haystack,
  )
}

/** The text itself and every string inside of it, when it is JSON. */
function unpack(text: string): string[] {
  if (!/^\s*[[{"]/.test(text)) return [text]
  try {
    const leaves: string[] = []
    JSON.parse(text, (_key, value: unknown) => {
      if (typeof value === 'string') leaves.push(value)
      return value
    })
    return [text, ...leaves.flatMap((leaf) => (leaf === text ? [leaf] : unpack(leaf)))]
  } catch {
    return [text]
  }
}
