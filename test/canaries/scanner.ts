/**
 * @module
 * Finds any of thousands of forms in megabytes of text in one pass.
 */
import { type Canary, type Form, formsOf } from './canary.ts'

export interface Sighting {
  readonly canary: Canary
  readonly encoding: string
}

export interface Scanner {
  /** The canaries in a text, each once. */
  find(text: string): readonly Sighting[]
}

/** No form is shorter. */
const GRAM = 8
const BITS = 22
const MASK = (1 << BITS) - 1

export function scanner(canaries: readonly Canary[]): Scanner {
  const byGram = new Map<string, { readonly form: Form; readonly canary: Canary }[]>()
  const filter = new Uint8Array(1 << BITS)
  for (const canary of canaries) {
    for (const form of formsOf(canary)) {
      const gram = form.text.toLowerCase().slice(0, GRAM)
      byGram.set(gram, [...(byGram.get(gram) ?? []), { form, canary }])
      filter[hashAt(gram, 0)] = 1
    }
  }
  return {
    find(original) {
      const text = original.toLowerCase()
      // A few letters change their length with their case; then positions differ and exact forms are looked for alone.
      const aligned = text.length === original.length
      const found = new Map<Canary, string>()
      for (let at = 0; at + GRAM <= text.length; at++) {
        if (filter[hashAt(text, at)] === 0) continue
        for (const { form, canary } of byGram.get(text.slice(at, at + GRAM)) ?? []) {
          const isHere = form.exact
            ? aligned
              ? original.startsWith(form.text, at)
              : original.includes(form.text)
            : text.startsWith(form.text, at)
          if (isHere && !found.has(canary)) found.set(canary, form.encoding)
        }
      }
      return [...found].map(([canary, encoding]) => ({ canary, encoding }))
    },
  }
}

function hashAt(text: string, at: number): number {
  let hash = 0
  for (let offset = 0; offset < GRAM; offset++) hash = (Math.imul(hash, 31) + text.charCodeAt(at + offset)) | 0
  return (hash ^ (hash >>> BITS)) & MASK
}
