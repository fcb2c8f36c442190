import { stepCost } from '@quartermaster/testing'
/** @module Expressions end, see nothing but their input, and are checked before they run. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileExpression } from './expression.ts'

const run = (source: string, input: unknown, bindings: Record<string, unknown> = {}) =>
  compileExpression(source, Object.keys(bindings)).run(input, bindings)

test.each([
  ['$eval("1")', 'unknown name $eval'],
  ['$pad("x", 400000000)', 'unknown name $pad'],
  ['$now()', 'unknown name $now'],
  ['name ~> /^(a+)+$/', 'regex is not allowed'],
  ['[1..1000000]', 'ranges are not allowed'],
  ['**.email', 'descendant is not allowed'],
  ['$frist_name', 'unknown name $frist_name'],
  ['{"a": ', 'Expected "}"'],
])('compileExpression() refuses %s', (source, why) => {
  expect(() => compileExpression(source, [])).toThrow(why)
})

test('compileExpression() knows bindings, local names and its own functions', async () => {
  expect(await run('($x := a; $sum($map([1, 2], function($v) { $v + $x + $y })))', { a: 1 }, { y: 10 })).toBe(25)
})

test('a runaway recursion stops at the step budget', async () => {
  const { run: loop } = compileExpression('($f := function($n) { $f($n + 1) }; $f(0))', [], { steps: 2_000 })
  await expect(loop({})).rejects.toThrow()
})

test('a long but honest evaluation has a budget of its own each time', async () => {
  const { run: sum } = compileExpression('$sum(items.(a + b))', [], { steps: 2_000 })
  const items = Array.from({ length: 100 }, () => ({ a: 1, b: 2 }))
  for (let round = 0; round < 20; round += 1) expect(await sum({ items })).toBe(300)
  await expect(sum({ items: Array.from({ length: 1_000 }, () => ({ a: 1, b: 2 })) })).rejects.toThrow(
    'more than 2000 steps',
  )
})

test.each(['$.constructor', '$lookup($, "__proto__")', '$f.constructor'])('%s gives nothing', async (source) => {
  expect(await run(source, {}, { f: 1 })).toBeUndefined()
})

test('what the built-in language gets wrong with nulls, the own functions get right', async () => {
  expect(await run('null & "x"', {})).toBe('nullx')
  expect(await run('$words(a, b, " c ")', { a: null })).toBe('c')
  expect(await run('$num("")', {})).toBeUndefined()
  expect(await run('$num("12.50")', {})).toBe(12.5)
  expect(await run('$bool("TRUE")', {})).toBe(true)
})

test.each([
  ['2024-03-15T10:00:00.000+0000', '2024-03-15T10:00:00Z'],
  ['2024-03-15T10:00:00.999+0230', '2024-03-15T07:30:00Z'],
  [1710496800000, '2024-03-15T10:00:00Z'],
  ['1710496800000', '2024-03-15T10:00:00Z'],
  ['2024-03-15', '2024-03-15T00:00:00Z'],
  ['yesterday', undefined],
  [null, undefined],
  [8e15, undefined],
])('$timestamp(%j) is %j', async (value, expected) => {
  expect(await run('$timestamp(v)', { v: value })).toBe(expected)
})

test('$except() and $suffixed() keep scalars, never keys that reach a prototype', async () => {
  const source = JSON.parse('{"a__c":1,"b__c":null,"__proto__":"x","constructor":"y","known":"k","hs_x":1,"mine":"m"}')
  expect(await run('$suffixed($, "__c")', source)).toEqual({ a__c: 1 })
  expect(await run('$except($, names, "hs_")', { ...source, names: ['known', 'a__c'] })).toEqual({ mine: 'm' })
  expect(({} as { x?: string }).x).toBeUndefined()
})

test.each([
  ['plain', 'plain'],
  ['<p>a &amp; b</p><p>c<br/>d</p>', 'a & b\nc\nd'],
  ['&lt;b&gt; stays a text', '<b> stays a text'],
  ['&amp;lt; is read once', '&lt; is read once'],
  ['1 < 2 and 3 > 2', '1 < 2 and 3 > 2'],
  ['<div></div>', undefined],
  [null, undefined],
])('$plain(%j) is %j', async (value, expected) => {
  expect(await run('$plain(v)', { v: value })).toBe(expected)
})

test('$plain() reads back what $html() wrote, and ends quickly on what is odd', async () => {
  const line = fc.string({ unit: fc.constantFrom(...'ab &;<>"/\n'.split('')), minLength: 1 })
  await fc.assert(
    fc.asyncProperty(line, async (value) => {
      const shown = String((await run('$plain($html(v))', { v: value })) ?? '')
      expect(withoutEdges(shown)).toBe(withoutEdges(value))
    }),
  )
  for (const odd of ['<', '<a', ' ', '<a ', '&', '\n <']) {
    const cost = await stepCost(() => run('$plain(v)', { v: `<${odd.repeat(100_000)}` }))
    // The square of the length is ten thousand million steps.
    expect([odd, cost < 1_000]).toEqual([odd, true])
  }
})

/** Line by line, without the spaces around lines and without empty ones. */
function withoutEdges(value: string): string {
  const lines = value.split('\n').map((one) => one.trim())
  return lines.filter((one) => one !== '').join('\n')
}
