/** @module No regular expression of the sources takes more than its input's length: a caller could hold the process with it. */
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { literalsBelow, literalsOf, worstOf } from './regular-expressions.ts'

const packages = new URL('../packages/', import.meta.url).pathname
/** Millions of simple steps for 64 KiB are what a linear one stays far below; the square of it takes many times as many. */
const BUDGET = 100

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

test('worstOf() finds expressions that take the square of their input, or worse', async () => {
  for (const bad of [/(a+)+$/, /-+$/, /^\s+|\s+$/g, /(?:a|a)*b/, /psn_[a-z]+(?:_[a-z]+)*_\d{9}/g])
    expect([String(bad), (await worstOf(bad, BUDGET)).cost > BUDGET]).toEqual([String(bad), true])
  for (const good of [/^[a-z]+$/, /-$/, /(?<!-)-+$/, /[^a-z]+/g])
    expect([String(good), (await worstOf(good, BUDGET)).cost > BUDGET]).toEqual([String(good), false])
})

test('every regular expression of the sources is done with a hostile text in time', async () => {
  const found = readdirSync(packages).flatMap((name) => literalsBelow(`${packages}${name}/src`))
  const each = new Map(found.map(({ file, regex }) => [String(regex), { file, regex }]))
  expect(each.size).toBeGreaterThan(150)
  const slow: string[] = []
  for (const { file, regex } of each.values()) {
    const { cost, pump, length } = await worstOf(regex, BUDGET)
    if (cost > BUDGET)
      slow.push(`${file}: ${regex} takes ${Math.round(cost)} million steps for ${length} of ${JSON.stringify(pump)}`)
  }
  expect(slow).toEqual([])
})
