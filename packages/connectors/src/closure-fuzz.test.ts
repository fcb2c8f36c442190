/**
 * @module
 * Closures give what the interpreter gives: for expressions nobody thought of, on data nobody sent.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { ExprNode } from 'jsonata'
import { expect, test } from 'vitest'
import { compileClosure } from './compile-closure.ts'
import { compileExpression, type Expression, ExpressionInvalid, STEP_BUDGET } from './expression.ts'

const key = fc.constantFrom('a', 'b', 'c')
const { value: data } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, 0, 1, 2, -1, 0.1, '', 'x', 'xy', '1'),
    fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
}))

const { expr: source } = fc.letrec<{ expr: string; step: string; path: string; predicate: string }>((tie) => ({
  expr: fc.oneof(
    { depthSize: 'small' },
    {
      weight: 3,
      arbitrary: fc.constantFrom('$', '$$', '$v', '1', '0', '2', '"x"', '""', 'true', 'null', 'a', 'b', 'c'),
    },
    { weight: 5, arbitrary: tie('path') },
    { weight: 2, arbitrary: fc.tuple(tie('expr'), tie('predicate')).map(([left, right]) => `(${left})${right}`) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(
          tie('expr'),
          fc.constantFrom('=', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '&', 'and', 'or', 'in'),
          tie('expr'),
        )
        .map(([left, operator, right]) => `((${left}) ${operator} (${right}))`),
    },
    { weight: 1, arbitrary: tie('expr').map((inner) => `-(${inner})`) },
    { weight: 2, arbitrary: fc.array(tie('expr'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`) },
    { weight: 2, arbitrary: fc.tuple(tie('expr'), tie('expr')).map(([a, b]) => `{"a": ${a}, "b": ${b}}`) },
    {
      weight: 2,
      arbitrary: fc.tuple(tie('expr'), tie('expr'), tie('expr')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    },
    { weight: 1, arbitrary: fc.tuple(tie('expr'), tie('expr')).map(([a, b]) => `(${a} ? ${b})`) },
    { weight: 2, arbitrary: fc.tuple(tie('expr'), tie('expr')).map(([a, b]) => `($w := ${a}; ${b})`) },
    { weight: 1, arbitrary: fc.tuple(tie('expr'), tie('expr')).map(([a, b]) => `($v := ${a}; $x := $v; ${b})`) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(
          fc.constantFrom(
            ...['boolean', 'count', 'distinct', 'exists', 'join', 'lowercase', 'max', 'merge', 'min', 'not', 'number'],
            ...['string', 'sum', 'trim', 'uppercase', 'text', 'num', 'bool', 'date', 'timestamp', 'words', 'json'],
          ),
          tie('expr'),
        )
        .map(([name, argument]) => `$${name}(${argument})`),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(
          fc.constantFrom(
            'append',
            'contains',
            'join',
            'lookup',
            'substringAfter',
            'words',
            'parts',
            'suffixed',
            'except',
          ),
          tie('expr'),
          tie('expr'),
        )
        .map(([name, a, b]) => `$${name}(${a}, ${b})`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('expr'), tie('expr'))
        .map(([list, body]) => `$sort(${list}, function($w, $x) { [${body}, $w.a > $x.a][-1] })`),
    },
  ),
  step: fc.oneof(
    { depthSize: 'small' },
    { weight: 6, arbitrary: key },
    { weight: 1, arbitrary: fc.constantFrom('$', '$v') },
    { weight: 1, arbitrary: tie('expr').map((inner) => `(${inner})`) },
    { weight: 1, arbitrary: fc.tuple(key, tie('expr')).map(([name, value]) => `{"${name}": ${value}, "k": $}`) },
    { weight: 1, arbitrary: fc.array(tie('expr'), { maxLength: 2 }).map((items) => `[${items.join(', ')}]`) },
  ),
  predicate: fc.oneof(
    { depthSize: 'small' },
    { weight: 4, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constant('[]') },
    { weight: 2, arbitrary: fc.constantFrom('[0]', '[1]', '[-1]') },
    { weight: 1, arbitrary: tie('expr').map((inner) => `[${inner}]`) },
  ),
  path: fc
    .array(fc.tuple(tie('step'), tie('predicate')), { minLength: 1, maxLength: 3, depthIdentifier: 'path' })
    .map((steps) => steps.map((step) => step.join('')).join('.')),
}))

/** Without the marks that the interpreter leaves on lists, and without the holes it makes in empty ones. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, plain).filter((one) => one !== undefined)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([name]) => name !== 'sequence' && name !== 'keepSingleton')
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]))
}

/** `tainted`: the interpreter wrote into its own input, as it does into an empty list that is a constructor's context. */
async function outcomeOf(run: Expression, input: unknown, v: unknown) {
  const given = structuredClone({ input, v })
  const result = await Promise.resolve(run(given.input, { v: given.v })).then(
    (value) => ({ value: plain(value) }),
    (error: { readonly code?: string }) => ({ failed: true, code: error.code }),
  )
  return { result, tainted: JSON.stringify(given) !== JSON.stringify({ input, v }) }
}

function isValid(text: string): boolean {
  try {
    return compileExpression(text, ['v']) !== undefined
  } catch (error) {
    if (error instanceof ExpressionInvalid) return false
    throw error
  }
}

interface Tally {
  runs: number
  closed: number
  compared: number
  failed: number
}

/** Compares `compile`'s closures with the interpreter; rejects with the smallest expression that differs. */
async function compare(compile: (text: string) => Expression | undefined): Promise<Tally> {
  const tally: Tally = { runs: 0, closed: 0, compared: 0, failed: 0 }
  const property = fc.asyncProperty(source, data, data, async (text, input, v) => {
    tally.runs += 1
    if (!isValid(text)) return
    const closure = compile(text)
    if (!closure) return
    tally.closed += 1
    const { run } = compileExpression(text, ['v'], { interpret: true })
    const interpreted = await outcomeOf(run, input, v)
    // D1011 is the interpreter's limit on what is under way at once; closures have none.
    if (interpreted.tainted || ('code' in interpreted.result && interpreted.result.code === 'D1011')) return
    const { result, tainted } = await outcomeOf(closure, input, v)
    tally.compared += 1
    expect(tainted).toBe(false)
    // Which of several faults comes first depends on timing in the interpreter, so only that both fail is compared.
    if ('failed' in result) tally.failed += 1
    expect('failed' in result).toBe('failed' in interpreted.result)
    if ('value' in result) expect(isDeepStrictEqual({ result }, { result: interpreted.result })).toBe(true)
  })
  await fc.assert(property, { seed: 20261122, numRuns: Number(process.env['RUNS'] ?? 1000) })
  return tally
}

test('closures agree with the interpreter on generated expressions and data', async () => {
  const tally = await compare((text) => {
    const { run, closed } = compileExpression(text, ['v'])
    return closed ? run : undefined
  })
  expect(tally.closed).toBeGreaterThan(tally.runs * 0.9)
  expect(tally.compared).toBeGreaterThan(tally.runs * 0.8)
  expect(tally.compared - tally.failed).toBeGreaterThan(tally.runs * 0.4)
})

/** Reads an expression slightly wrong, as a faulty closure would. */
const misreadings: [name: string, wrong: (node: Record<string, unknown>) => object | false][] = [
  ['"=" as "!="', (node) => node['value'] === '=' && { value: '!=' }],
  ['"and" as "or"', (node) => node['value'] === 'and' && { value: 'or' }],
  ['">" as ">="', (node) => node['value'] === '>' && { value: '>=' }],
  ['"&" as "+"', (node) => node['value'] === '&' && { value: '+' }],
  [
    'a path without keeping a single list',
    (node) => node['keepSingletonArray'] === true && { keepSingletonArray: false },
  ],
  [
    'a constructor at the end of a path as one that flattens',
    (node) => node['consarray'] === true && { consarray: false },
  ],
  ['the root as the context', (node) => node['type'] === 'variable' && node['value'] === '$' && { value: '' }],
]

test.each(misreadings)('the comparison notices %s', async (_name, wrong) => {
  const misread = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(misread)
    if (typeof value !== 'object' || value === null) return value
    const node = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, misread(member)]))
    return { ...node, ...(wrong(node) || {}) }
  }
  const compared = compare((text) => {
    const { ast } = compileExpression(text, ['v'])
    const closure = compileClosure(misread(ast) as ExprNode, ['v'], STEP_BUDGET)
    return closure && (async (input, bindings = {}) => closure(input, bindings))
  })
  await expect(compared).rejects.toMatchObject({
    message: expect.stringContaining('Property failed'),
    cause: expect.objectContaining({ name: 'AssertionError' }),
  })
})
