/** @module No regular expression of the sources takes more than its input's length: a caller could hold the process with it. */
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { literalsBelow, literalsOf, worstOf } from './regular-expressions.ts'

const packages = new URL('../packages/', import.meta.url).pathname
/** 100 ms for 64 KiB is what a linear one stays far below; the square of it takes many times as long. */
const BUDGET_MS = 100

test('literalsOf() finds what is an expression, and no division, comment or text', () => {
  const text = [
    'const a = /x+/g.test(b) // /no/',
    'return /[/"]y/',
    'const c = (d / e) / f + "/no/" /* /no/ */',
    'const t = `/no/ $' + '{u.replace(/v{2}/, `/no/`)} /no/`; s.replace(/z\\//, "/no/")',
    'const d = 6 / 2 / 3; [/w$/u]',
  ].join('\n')
  expect(literalsOf(text).map(String)).toEqual(['/x+/g', '/[/"]y/', '/v{2}/', '/z\\//', '/w$/u'])
})

test('worstOf() finds expressions that take the square of their input, or worse', () => {
  for (const bad of [/(a+)+$/, /-+$/, /^\s+|\s+$/g, /(?:a|a)*b/, /psn_[a-z]+(?:_[a-z]+)*_\d{9}/g])
    expect([String(bad), worstOf(bad, BUDGET_MS).ms > BUDGET_MS]).toEqual([String(bad), true])
  for (const good of [/^[a-z]+$/, /-$/, /(?<!-)-+$/, /[^a-z]+/g])
    expect([String(good), worstOf(good, BUDGET_MS).ms > BUDGET_MS]).toEqual([String(good), false])
})

test('every regular expression of the sources is done with a hostile text in time', () => {
  const found = readdirSync(packages).flatMap((name) => literalsBelow(`${packages}${name}/src`))
  const each = new Map(found.map(({ file, regex }) => [String(regex), { file, regex }]))
  expect(each.size).toBeGreaterThan(150)
  const slow = [...each.values()].flatMap(({ file, regex }) => {
    const { ms, pump, length } = worstOf(regex, BUDGET_MS)
    return ms > BUDGET_MS
      ? [`${file}: ${regex} takes ${Math.round(ms)} ms for ${length} of ${JSON.stringify(pump)}`]
      : []
  })
  expect(slow).toEqual([])
})
