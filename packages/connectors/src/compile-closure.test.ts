/** @module The part of JSONata that closures run, as a table: each row holds in the interpreter too. */
import { expect, test } from 'vitest'
import { compileClosure } from './compile-closure.ts'
import { compileExpression } from './expression.ts'

const data = {
  one: { name: 'Ada', age: 36 },
  many: [{ name: 'Ada', tags: ['x', 'y'] }, { name: 'Bob', tags: ['z'] }, { age: 3 }],
  single: [{ name: 'Ada' }],
  empty: [],
  nested: [[1, 2], [3]],
  nothing: null,
  text: 'a,b',
  n: 12.5,
}

const rows: [source: string, expected: unknown, why: string][] = [
  ['one.name', 'Ada', 'a path through objects'],
  ['one.missing.name', undefined, 'what is missing stays missing'],
  ['nothing.name', undefined, 'null has no members'],
  ['null', null, 'null is a value'],
  ['text.length', undefined, 'a string has no members'],
  ['one.constructor', undefined, 'only own members'],
  ['many.name', ['Ada', 'Bob'], 'a path maps over a list and skips what is missing'],
  ['many.tags', ['x', 'y', 'z'], 'lists on the way flatten by one level'],
  ['single.name', 'Ada', 'one result stands for itself'],
  ['single.name[]', ['Ada'], '[] keeps the list'],
  ['one.name[]', ['Ada'], '[] makes a list'],
  ['one.missing[]', undefined, '[] does not invent'],
  ['empty', [], 'a list of the data is the result as it stands'],
  ['empty.name', undefined, 'a path through an empty list finds nothing'],
  ['nested', [[1, 2], [3]], 'the last step keeps a list of the data whole'],
  ['nested.$', [1, 2, 3], 'a step over lists flattens'],
  ['nested[0]', [1, 2], 'a list that a position picks is the result'],
  ['many[0].name', 'Ada', 'position from the start'],
  ['many[-1].age', 3, 'position from the end'],
  ['many[7]', undefined, 'no such position'],
  ['one[0].name', 'Ada', 'a value is a list of one'],
  ['many[name = "Bob"].tags', ['z'], 'predicate'],
  ['many[[0, 2]].(name ? name : age)', ['Ada', 3], 'a list of positions'],
  ['many.tags[0]', ['x', 'z'], 'a predicate belongs to its step'],
  ['(many.tags)[0]', 'x', 'parentheses gather first'],
  ['many.{"n": name}', [{ n: 'Ada' }, { n: 'Bob' }, {}], 'a constructor for each item'],
  ['missing.{"n": name}', undefined, 'no item, no object'],
  ['{"a": missing, "b": null}', { b: null }, 'members without a value are left out, null is a value'],
  ['[one.name, missing, many.name, [1]]', ['Ada', 'Ada', 'Bob', [1]], 'lists flatten unless written as lists'],
  ['many.[name]', [['Ada'], ['Bob'], []], 'a list written in the last step stays whole'],
  ['["a", "b"].($ & "!")', ['a!', 'b!'], 'a path over a list that is written'],
  ['missing = missing', false, 'what is missing equals nothing'],
  ['missing != 1', false, 'and is unequal to nothing'],
  ['single = [{"name": "Ada"}]', true, 'equality is deep'],
  ['"1" = 1', false, 'and strict'],
  ['missing < 1', undefined, 'order needs two sides'],
  ['n + missing', undefined, 'arithmetic needs two sides'],
  ['n / 0.5 - 1 * 2 % 2', 25, 'precedence'],
  ['-n', -12.5, 'negation'],
  ['missing & "x" & n & null & true', 'x12.5nulltrue', 'text of values'],
  ['0.1 + 0.2 & ""', '0.3', 'text of a fraction has 15 digits'],
  ['one & ""', '{"name":"Ada","age":36}', 'text of an object is JSON'],
  ['missing and 1', false, 'and gives a boolean'],
  ['empty or [0, 1]', true, 'a list is true when an item is'],
  ['false ? 1', undefined, 'no else, nothing'],
  ['"x" in "x"', true, 'in a single value'],
  ['"b" in ["a", "b"]', true, 'in a list'],
  ['($x := 1; ($x := 2; $x) + $x)', 3, 'names belong to their block'],
  ['many.($n := name; {"n": $n}).n', ['Ada', 'Bob'], 'names are bound anew for each item'],
  ['$$.one.name & $v', 'Ada!', 'the root and a binding'],
  ['$append(one.age, [1])', [36, 1], '$append'],
  ['$append(missing, [])', [], '$append to what is missing'],
  ['$join(["a", "b"], "-")', 'a-b', '$join'],
  ['$join("a", "-")', 'a', 'a value is a list of one for $join'],
  ['$join(missing, "-")', undefined, '$join of what is missing'],
  ['$count(missing)', 0, '$count of what is missing'],
  ['$exists(null)', true, 'null exists'],
  ['$not(missing)', undefined, '$not of what is missing'],
  ['$not("")', true, 'empty text is false'],
  ['$contains(text, ",")', true, '$contains'],
  ['$substringAfter(text, ";")', 'a,b', '$substringAfter without the mark'],
  ['$trim("  a   b ")', 'a b', '$trim gathers blanks'],
  ['$number("0x10") + $number("1e1") + $number(true)', 27, '$number'],
  ['$sum([1, 2]) + $max([1, 2]) + $min([1, 2])', 6, 'sums'],
  ['$distinct(many.(name; "Ada"))', 'Ada', '$distinct of a sequence gives a sequence'],
  ['$merge([one, {"age": 1}])', { name: 'Ada', age: 1 }, '$merge'],
  ['$lookup(one, "name")', 'Ada', '$lookup'],
  ['$lookup(one, "__proto__")', undefined, '$lookup only own members'],
  ['$sort([3, 1, 2], function($a, $b) { $a > $b })', [1, 2, 3], '$sort'],
  ['$sort(one, function($a, $b) { $a > $b }).name', 'Ada', '$sort of one value'],
  ['$parts(text, ",").{"v": $}', [{ v: 'a' }, { v: 'b' }], 'a function of connector files'],
]

const failing: [source: string, code: string][] = [
  ['one + 1', 'T2001'],
  ['1 + text', 'T2002'],
  ['null < 1', 'T2010'],
  ['text < 1', 'T2009'],
  ['-text', 'D1002'],
  ['1 / 0 = 1 / 0 ? -(1 / 0)', 'D1001'],
  ['1 / 0 & ""', 'D3001'],
  ['$trim(1)', 'T0410'],
  ['$contains(null, "x")', 'T0410'],
  ['$join([1], "")', 'T0412'],
  ['$sum("1")', 'T0412'],
  ['$merge([1])', 'T0412'],
  ['$number("x")', 'D3030'],
  ['$number([1])', 'T0410'],
]

const outside = [
  '*',
  'a.%.b',
  'many^(name)',
  'many{name: age}',
  'many@$m.name',
  'many#$i.name',
  '$map([1], $text)',
  '$f := 1',
  '[$x := 1, 2]',
  '($f := function($x) { $x }; $f(1))',
  '$substring("abc", 1)',
  '$trim()',
  'n ~> $string()',
  '{text: 1}',
  '{"a": 1, "a": 2}',
  '{"__proto__": 1}',
  '[1, 2][0].a',
  '($text := 1; $text(1))',
]

const compile = (source: string, interpret: boolean) => compileExpression(source, ['v'], { interpret })
const json = (value: unknown) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))

test.each(rows)('%s is %j: %s', async (source, expected) => {
  const { run, closed } = compile(source, false)
  expect(closed).toBe(true)
  expect(json(run(data, { v: '!' }))).toEqual(expected)
  expect(json(await compile(source, true).run(data, { v: '!' }))).toEqual(expected)
})

test.each(failing)('%s fails with %s', async (source, code) => {
  const { run, closed } = compile(source, false)
  expect(closed).toBe(true)
  await expect(run(data)).rejects.toMatchObject({ code })
  await expect(compile(source, true).run(data)).rejects.toMatchObject({ code })
})

test.each(outside)('%s is left to the interpreter', (source) => {
  expect(compile(source, false).closed).toBe(false)
})

test('compileClosure() refuses what it has never heard of, wherever it stands', () => {
  const { ast } = compileExpression('a.b[c = 1]', [])
  const strange = structuredClone(ast) as unknown as { steps: [object, { stages: [{ expr: object }] }] }
  expect(compileClosure(ast, [], 10)).toBeTypeOf('function')
  Object.assign(strange.steps[1].stages[0].expr, { tuple: true })
  expect(compileClosure(strange as never, [], 10)).toBeUndefined()
})

test('a closure changes neither its input nor its bindings, and takes data that looks like a function as data', () => {
  const input = Object.freeze([Object.freeze([]), Object.freeze({ _jsonata_lambda: true, name: 'Ada' })])
  const { run } = compileExpression('{"all": $.{"name": name}, "kept": $[1].name[], "list": $append($v, $v)}', ['v'])
  expect(json(run(input, { v: Object.freeze([1]) }))).toEqual({
    all: [{}, { name: 'Ada' }],
    kept: ['Ada'],
    list: [1, 1],
  })
})

test('loops within loops stop at the step budget', async () => {
  const { run, closed } = compileExpression('$count(a.($$.a.($$.a.b)))', [], { steps: 50_000 })
  const input = (length: number) => ({ a: Array.from({ length }, () => ({ b: 1 })) })
  expect(closed).toBe(true)
  expect(await run(input(20))).toBe(8_000)
  await expect(run(input(60))).rejects.toThrow('more than 50000 steps')
})
