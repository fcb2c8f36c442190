/**
 * @module
 * Canaries: values of people that exist nowhere else, and every form in which one could leave.
 */
import type { PiiClass } from '@quartermaster/protocol'

export interface Canary {
  readonly value: string
  /** Part of the value that is found even when the rest was cut off or changed. */
  readonly mark: string
  readonly piiClass: PiiClass
  /** Where it was planted: `people.7.email`. */
  readonly place: string
}

export interface Form {
  readonly text: string
  readonly encoding: string
  /** Compared with regard to case. */
  readonly exact: boolean
}

/** Deterministic: the same seed gives the same words. */
export function wordSource(seed: number): () => string {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  const next = (below: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
  const used = new Set<string>()
  return () => {
    let word = ''
    do word = `q${Array.from({ length: 9 }, () => 'bcdfghjklmnpqrstvwxz'[next(20)]).join('')}`
    while (used.has(word))
    used.add(word)
    return word
  }
}

const alphabets = ['Zoë', 'Žofie', '山田', 'محمد', 'שרה', '😀', "O'Néill", 'İpek', 'Ångström', 'Dvořák'] as const

/** A name as people have them: of many alphabets, some of them decomposed. */
export function nameWith(word: string, index: number): string {
  const flavour = alphabets[index % alphabets.length] ?? ''
  const name = index % 3 === 0 ? `${flavour}${word}` : index % 3 === 1 ? `${word} ${flavour}` : word
  return index % 7 === 3 ? name.normalize('NFD') : name
}

/** Every form of a canary: whole in eleven encodings, and its mark inside longer texts of each. */
export function formsOf({ value, mark }: Canary): readonly Form[] {
  const loose = (encoding: string, text: string): Form => ({ encoding, text: text.toLowerCase(), exact: false })
  const bytes = Buffer.from(value)
  const forms = [
    loose('raw', value),
    loose('nfc', value.normalize('NFC')),
    loose('nfd', value.normalize('NFD')),
    loose('mark', mark),
    loose('url', encodeURIComponent(value)),
    loose('form', new URLSearchParams({ v: value }).toString().slice(2)),
    loose('json', JSON.stringify(value).slice(1, -1)),
    loose('json-ascii', jsonAscii(value)),
    loose('html', htmlEscaped(value)),
    loose('html-numeric', htmlNumeric(value)),
    loose('hex', bytes.toString('hex')),
    loose('hex-mark', Buffer.from(mark).toString('hex')),
    ...['base64', 'base64url'].flatMap((encoding) => inBase64(mark, encoding as 'base64' | 'base64url')),
    { encoding: 'base64', text: bytes.toString('base64').replace(/=+$/, ''), exact: true },
    { encoding: 'base64url', text: bytes.toString('base64url'), exact: true },
  ]
  return [...new Map(forms.map((form) => [form.text, form])).values()].filter(({ text }) => text.length >= 8)
}

/** What three positions of the mark in a longer text have in common with any surroundings. */
function inBase64(mark: string, encoding: 'base64' | 'base64url'): readonly Form[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.from('\0'.repeat(offset) + mark)
      .toString(encoding)
      .replace(/=+$/, '')
    const from = Math.ceil((offset * 8) / 6)
    const until = Math.floor(((offset + mark.length) * 8) / 6)
    return { encoding: `${encoding}+${offset}`, text: text.slice(from, until), exact: true }
  })
}

function jsonAscii(value: string): string {
  return [...Array(value.length).keys()]
    .map((at) => (value.charCodeAt(at) < 128 ? value[at] : `\\u${value.charCodeAt(at).toString(16).padStart(4, '0')}`))
    .join('')
}

function htmlEscaped(value: string): string {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return value.replace(/[&<>"']/g, (char) => named[char] ?? char)
}

function htmlNumeric(value: string): string {
  return [...value].map((char) => (char.charCodeAt(0) < 128 ? char : `&#${char.codePointAt(0)};`)).join('')
}
