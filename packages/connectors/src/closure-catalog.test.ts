/**
 * @module
 * Every expression of the catalog gives as a closure what it gives in the interpreter, on what the cases send and on
 * what is left of that when systems misbehave. Altered on purpose, the comparison notices.
 */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { ExprNode } from 'jsonata'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadCases } from '../test/case-file.ts'
import { compileClosure } from './compile-closure.ts'
import { compileExpression, type Expression, STEP_BUDGET } from './expression.ts'
import { catalogEntries } from './load-catalog.ts'

type Json = { readonly [name: string]: unknown }
interface Source {
  readonly path: string
  readonly text: string
}

const keys = new Set(
  'map query body records cursor total when policy fields existing_id retry_after_s names filter'.split(' '),
)
const names = 'kind id ids set input limit fetch cursor custom own hidden moment status'.split(' ')

function sourcesOf(value: unknown, path: string[]): Source[] {
  const key = path.at(-1) ?? ''
  if (typeof value === 'string') {
    // A policy's name alone is a name.
    const text = key === 'policy' && /^[a-z0-9-]+$/.test(value) ? JSON.stringify(value) : value
    return keys.has(key) ? [{ path: path.join('.'), text }] : []
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => sourcesOf(member, [...path, name]))
}

/** What an expression of this system may be given: arguments, answers, and every record in them. */
function inputsOf(folder: string): Json[] {
  const bodies = loadCases(folder).flatMap((one) => [
    one.answer?.body,
    one.described as Json | undefined,
    one.input.args,
  ])
  const records = bodies.flatMap((body) => Object.values((body ?? {}) as Json).flat())
  return [...bodies, ...records].filter((one): one is Json => typeof one === 'object' && one !== null)
}

const systems = catalogEntries().map((folder) => {
  const file = parse(readFileSync(join(folder, 'connector.yaml'), 'utf8'), { merge: true }) as { lists: Json } & Json
  const variables = [...Object.keys(file.lists), ...names]
  const sources = sourcesOf({ errors: file['errors'], resources: file['resources'], own: file['account_fields'] }, [])
  const compiled = sources.map(({ path, text }) => ({
    path,
    text,
    ...compileExpression(text, variables),
    interpreted: compileExpression(text, variables, { interpret: true }).run,
  }))
  return { id: basename(folder), lists: file.lists, variables, compiled, inputs: inputsOf(folder) }
})

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}

/** With several faults in one object the interpreter rejects with the one it meets first in time, so codes are not compared. */
async function outcomeOf(run: Expression, input: unknown, bindings: Json): Promise<unknown> {
  try {
    return { value: plain(await run(structuredClone(input), structuredClone(bindings))) }
  } catch {
    return 'failed'
  }
}

const same = async (left: Expression, right: Expression, input: unknown, bindings: Json) =>
  isDeepStrictEqual(await outcomeOf(left, input, bindings), await outcomeOf(right, input, bindings))

const bindingSets: readonly Json[] = [
  { kind: 'list', limit: 25, fetch: 26, set: {}, input: {}, custom: [], own: [], hidden: [], status: 400 },
  { kind: 'create', id: '7', cursor: '100', limit: 1, fetch: 2, set: { a: 'b' }, input: { pipeline_id: 'default' } },
  { kind: 'search', limit: 25, fetch: 26, input: {}, custom: [], own: ['a', 'b'], hidden: ['contact'] },
]

const odd = fc.constantFrom<unknown>(
  null,
  [],
  {},
  '',
  'text',
  0,
  12.5,
  true,
  [[]],
  [['x'], 'y'],
  [{ id: '1' }, { id: 2 }],
)

/** Replaces, wraps or removes members of a value, as the generator says. */
function distort(value: unknown, next: () => number, replacement: () => unknown): unknown {
  const dice = next()
  if (dice === 0) return replacement()
  if (dice === 1) return [value]
  if (dice === 2) return [value, value]
  if (dice === 3) return typeof value === 'string' ? Number(value) || 7 : value
  if (dice === 4) return [[value], []]
  if (Array.isArray(value)) return value.map((item) => distort(item, next, replacement))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(() => next() !== 5)
  return Object.fromEntries(members.map(([name, member]) => [name, distort(member, next, replacement)]))
}

describe.each(systems)('$id', ({ compiled, inputs, lists, variables }) => {
  test('every mapping is a closure, and so is everything else but function values', () => {
    const left = compiled.filter(({ closed }) => !closed)
    expect(compiled.filter(({ path }) => path.endsWith('.map')).length).toBeGreaterThan(5)
    expect(left.map(({ path }) => path).filter((path) => path.endsWith('.map'))).toEqual([])
    expect(left.filter(({ text }) => !text.includes('$link := function')).map(({ path }) => path)).toEqual([])
  })

  test('closures give what the interpreter gives on everything the cases send', async () => {
    expect(inputs.length).toBeGreaterThan(50)
    for (const { path, run, interpreted } of compiled) {
      const values = new Set<string>()
      for (const [index, input] of inputs.entries()) {
        const bindings = { ...lists, ...bindingSets[index % bindingSets.length] }
        const found = await outcomeOf(run, input, bindings)
        if (!isDeepStrictEqual(found, await outcomeOf(interpreted, input, bindings))) {
          expect.fail(`${path} differs on input ${index}`)
        }
        values.add(JSON.stringify(found))
      }
      // Two failures are alike as well; every expression has to give a value on some of its inputs.
      expect([path, [...values].some((value) => value.startsWith('{"value"'))]).toEqual([path, true])
    }
  })

  test('closures give what the interpreter gives on distorted data', async () => {
    const one = fc.constantFrom(...compiled)
    const input = fc.constantFrom(...inputs)
    const property = fc.asyncProperty(
      one,
      input,
      fc.infiniteStream(fc.integer({ min: 0, max: 40 })),
      fc.infiniteStream(odd),
      fc.constantFrom(...bindingSets),
      async ({ run, interpreted }, value, dice, replacements, given) => {
        const next = () => Number(dice.next().value)
        const bent = distort(value, next, () => replacements.next().value)
        expect(await same(run, interpreted, bent, { ...lists, ...given })).toBe(true)
      },
    )
    await fc.assert(property, { seed: 20261122, numRuns: Number(process.env['RUNS'] ?? 1000) })
  })

  const alterations: [name: string, alter: (node: Record<string, unknown>) => void][] = [
    ['= read as !=', (node) => node['value'] === '=' && Object.assign(node, { value: '!=' })],
    ['and read as or', (node) => node['value'] === 'and' && Object.assign(node, { value: 'or' })],
    [
      'conditions that always hold',
      (node) => node['type'] === 'condition' && Object.assign(node, { condition: { type: 'value', value: true } }),
    ],
    [
      'a path that loses its last step',
      (node) => {
        const steps = node['steps']
        if (Array.isArray(steps) && steps.length > 1) steps.pop()
      },
    ],
    [
      'positions off by one',
      (node) => {
        const expr = node['expr'] as Json | undefined
        if (node['type'] === 'filter' && expr?.['type'] === 'number') Object.assign(expr, { value: 1 })
      },
    ],
    [
      'lists that do not collapse',
      (node) => node['type'] === 'path' && Object.assign(node, { keepSingletonArray: true }),
    ],
  ]

  test.each(alterations)('the comparison notices %s', async (_name, alter) => {
    const differs = async () => {
      for (const { ast, interpreted } of compiled) {
        const altered = structuredClone(ast)
        visit(altered, alter)
        if (isDeepStrictEqual(altered, ast)) continue
        const closure = compileClosure(altered as ExprNode, variables, STEP_BUDGET)
        if (!closure) continue
        const run: Expression = async (input, bindings = {}) => closure(input, bindings)
        for (const input of inputs) {
          if (!(await same(run, interpreted, input, { ...lists, ...bindingSets[0] }))) return true
        }
      }
      return false
    }
    expect(await differs()).toBe(true)
  })
})

function visit(value: unknown, alter: (node: Record<string, unknown>) => void): void {
  if (typeof value !== 'object' || value === null) return
  alter(value as Record<string, unknown>)
  for (const member of Object.values(value)) visit(member, alter)
}
