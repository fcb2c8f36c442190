/** @module Which words import something, and which only look like it. */
import { expect, test } from 'vitest'
import { importsOf } from './imports-of.ts'

test.each([
  ["import 'a'", ['a']],
  ['import x from "a"', ['a']],
  ["import x, { type Y, from } from 'a'", ['a']],
  ["import type { X } from 'a'; import * as y from 'b'", ['a', 'b']],
  ["import {\n  a,\n  // from 'no'\n  b, /* } from 'no' */\n} from\n  'a'", ['a']],
  ["import /* 'no' */ { x } /**/ from /* 'no' */ 'a'", ['a']],
  ["import data from 'a' with { type: 'json' }", ['a']],
  [
    "export { x } from 'a'; export * from 'b'; export * as c from 'c'; export type { D } from 'd'",
    ['a', 'b', 'c', 'd'],
  ],
  ["const { x } = await import('a')", ['a']],
  ["await import(\n  // why\n  'a',\n)", ['a']],
  ['await import(`a`)', ['a']],
  ["type X = typeof import('a') | import('b').Y", ['a', 'b']],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source text with a template in it
  ["const t = `${await import('a')} and ${`${import('b')}`} '`; import 'c'", ['a', 'b', 'c']],
  ["const r = /['\"`]/g; import 'a'", ['a']],
  ["const r = [/[/'](.)/, x / 2]; import 'a'", ['a']],
  ["const d = (a + b) / c; const s = 'x/y'; import 'a'", ['a']],
  ["const s = 'it\\'s'; import 'a'", ['a']],
])('importsOf() finds what is imported: %s', (source, expected) => {
  expect(importsOf(source)).toEqual(expected)
})

test.each([
  "// import 'a'",
  "/* import 'a' */",
  "/** @example\n * import { x } from 'a'\n */",
  '"import \'a\'"',
  "`import { x } from 'a'`",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source text with a template in it
  "`${x} import('a')`",
  "/import('a')/.test(x)",
  "module.import('a')",
  "const x = { import: 'a', export: 'b' }",
  'import.meta.url',
  "export const from = 'a'",
  "export { from }\nconst x = 'a'",
  "export function f() { return { from: 'a' } }",
])('importsOf() is not misled: %s', (source) => {
  expect(importsOf(source)).toEqual([])
})

test('importsOf() tells of an import that is computed', () => {
  expect(importsOf("import(name); import('a' + b)")).toEqual([undefined, undefined])
})
