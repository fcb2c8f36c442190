/**
 * @module
 * Every regular expression of the sources, and inputs that drive a backtracking one out of its time: whatever it is
 * made of, repeated, and then something that it does not expect.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stepCost } from '@quartermaster/testing'

export interface Literal {
  readonly file: string
  readonly regex: RegExp
}

/** The literals of all sources below `root` that are no tests. */
export function literalsBelow(root: string): readonly Literal[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.(?:test|d)\.ts$|\.fixture\.ts$/.test(path))
    .flatMap((path) => literalsOf(readFileSync(join(root, path), 'utf8')).map((regex) => ({ file: path, regex })))
}

/** One token after the other: comments, texts, names and numbers, expressions, anything else. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[\w$]+|\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*|[\s\S]/g
/** After these a slash divides. */
const ENDS_VALUE = /^(?:[\w$]+|[)\]}]|'.*|".*)$/
const STARTS_VALUE = new Set(['return', 'typeof', 'case', 'in', 'of', 'await', 'void', 'yield', 'else'])

/** The regular expressions of a TypeScript text, those inside a template's `${…}` included. */
export function literalsOf(text: string): readonly RegExp[] {
  const token = new RegExp(TOKEN)
  const found: RegExp[] = []
  let before = ''
  token.lastIndex = text.startsWith('#!') ? text.indexOf('\n') : 0
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [word] = match
    if (/^\s$|^\/[/*]/.test(word)) continue
    const divides = ENDS_VALUE.test(before) && !STARTS_VALUE.has(before)
    if (word.length > 1 && word.startsWith('/')) {
      if (divides) token.lastIndex = match.index + 1
      else found.push(toRegExp(word))
    }
    if (word === '`') {
      const { end, holes } = templateAt(text, match.index + 1)
      token.lastIndex = end
      found.push(...holes.flatMap(literalsOf))
    }
    before = word === '`' ? 'text' : word
  }
  return found
}

/** Where a template ends whose text begins at `from`, and the expressions in its holes. */
function templateAt(text: string, from: number): { readonly end: number; readonly holes: readonly string[] } {
  const holes: string[] = []
  let at = from
  while (at < text.length && text[at] !== '`') {
    if (text.startsWith('${', at)) {
      const end = endOfHole(text, at + 2)
      holes.push(text.slice(at + 2, end))
      at = end + 1
    } else at += text[at] === '\\' ? 2 : 1
  }
  return { end: at + 1, holes }
}

function endOfHole(text: string, from: number): number {
  let depth = 0
  let at = from
  while (at < text.length && (depth > 0 || text[at] !== '}')) {
    if (text[at] === '{') depth += 1
    else if (text[at] === '}') depth -= 1
    at = text[at] === '`' ? templateAt(text, at + 1).end : at + 1
  }
  return at
}

function toRegExp(literal: string): RegExp {
  const end = literal.lastIndexOf('/')
  return new RegExp(literal.slice(1, end), literal.slice(end + 1))
}

const SAMPLES: Readonly<Record<string, string>> = {
  d: '0',
  w: 'a',
  s: ' ',
  D: 'a',
  W: '-',
  S: 'a',
  n: '\n',
  t: '\t',
  r: '\r',
}
/** What no expression of ours expects. */
const STRANGE = '\u0001'

/** Characters that it can match: its own, those of its classes, and a few of everything. */
function alphabetOf({ source }: RegExp): readonly string[] {
  const escaped = [...source.matchAll(/\\([a-zA-Z])/g)].flatMap(([, name = '']) => SAMPLES[name] ?? [])
  const plain =
    source
      .replace(/\\u\{?[0-9a-fA-F]+\}?|\\x[0-9a-fA-F]{2}|\\[pP]\{[^}]*\}|\\[a-zA-Z]/g, '')
      .match(/[^\\[\](){}|^$?*+]/g) ?? []
  return [...new Set([...escaped, ...plain, 'a', ' ', '-', '"'])].slice(0, 40)
}

/** What is repeated: single characters, neighbours in the expression, and its words, which are where it may begin anew. */
function pumpsOf(regex: RegExp): readonly string[] {
  const alphabet = alphabetOf(regex)
  const pairs = alphabet.flatMap((one, at) => alphabet.slice(at + 1, at + 4).map((other) => one + other))
  const words = regex.source.replace(/\\(.)/g, '$1').match(/[^[\](){}|^$?*+]{2,}/g) ?? []
  return [...new Set([...alphabet, ...pairs, ...words])]
}

/** Long enough that a square shows, short ones first: what grows exponentially must not be met at full length. */
const LENGTHS = [24, 28, 40, 80, 200, 2_000, 16_384, 65_536]

/** Milliseconds on the processor from which on it is worth to look closely. */
const SUSPECT_MS = 20

/**
 * What the worst input costs, in millions of simple steps, and that input's repeated part; more than `budget` ends the
 * search, and what is not worth a close look costs nothing.
 */
export async function worstOf(
  regex: RegExp,
  budget: number,
): Promise<{ readonly cost: number; readonly pump: string; readonly length: number }> {
  let worst = { cost: 0, pump: '', length: 0 }
  for (const length of LENGTHS) {
    for (const pump of pumpsOf(regex)) {
      for (const start of ['', STRANGE]) {
        const text = start + pump.repeat(Math.ceil(length / pump.length)) + STRANGE
        const before = process.threadCpuUsage()
        apply(regex, text)
        if (process.threadCpuUsage(before).user < SUSPECT_MS * 1_000) continue
        const cost = await stepCost(() => apply(regex, text), 1)
        if (cost > worst.cost) worst = { cost, pump, length }
        if (cost > budget) return worst
      }
    }
  }
  return worst
}

function apply(regex: RegExp, text: string): void {
  regex.lastIndex = 0
  if (regex.global) text.replace(regex, '')
  else regex.exec(text)
}
