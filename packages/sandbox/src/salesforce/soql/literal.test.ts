/**
 * @module
 * Proves the grammar of string literals against an independent parser, and that escaping keeps a value a value.
 */
import { isQueryValid, parseQuery as parseIndependently } from '@jetstreamapp/soql-parser-js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createWorld } from '../../world/create-world.ts'
import { Refused } from '../refusal.ts'
import { findEntity } from '../schema/entity.ts'
import { seed } from '../seed.ts'
import { parseQuery } from './parse-query.ts'
import type { Condition } from './query.ts'
import { runQuery } from './run-query.ts'

const org = seed(createWorld('acme', 1))
const writer = { userId: org.runningUserId, now: 0 }
const contact = findEntity(org.store.schema, 'Contact')!
const options = { store: org.store, root: '/services/data/v67.0', now: 0 }

/** What stands between the quotes, by the two rules of the SOQL reference. */
const escapeLiteral = (text: string) => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
const escapeNaively = (text: string) => text.replaceAll("'", "\\'")
const asUnicode = (text: string) =>
  text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')

const names = fc
  .string({
    unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom(...'\'\\%_"nuN\n')),
  })
  .map((text) => text.trim().slice(0, 30))
  .filter((text) => text.trim() === text && text !== '' && text.isWellFormed())

function namesWhere(condition: string): readonly unknown[] {
  return runQuery(`SELECT Name FROM Contact WHERE ${condition}`, options).records.map((record) => record['Name'])
}

/** Runs with only these contacts in the org. */
function withContacts(lastNames: readonly string[], run: () => void): void {
  const undo = org.store.checkpoint()
  for (const row of org.store.rows('Contact')) org.store.remove(contact, String(row['Id']), writer)
  for (const LastName of lastNames) org.store.insert(contact, { LastName }, writer)
  try {
    run()
  } finally {
    undo()
  }
}

function accepts(query: string): boolean {
  try {
    parseQuery(query)
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(Refused)
    return false
  }
}

function comparisons(condition: Condition | null): number {
  if (condition === null) return 0
  if (condition.kind === 'compare') return 1
  if (condition.kind === 'not') return comparisons(condition.of)
  return condition.of.reduce((total, part) => total + comparisons(part), 0)
}

/** Counts comparisons in the independent parser's tree. */
function comparisonsIndependently(where: unknown): number {
  if (typeof where !== 'object' || where === null) return 0
  const own = 'field' in where ? 1 : 0
  const left = 'left' in where ? comparisonsIndependently(where.left) : 0
  return own + left + ('right' in where ? comparisonsIndependently(where.right) : 0)
}

test('parseQuery() agrees with an independent parser on literals with every documented escape', () => {
  const piece = fc.oneof(
    fc.constantFrom('\\\\', "\\'", '\\"', '\\n', '\\r', '\\t', '\\b', '\\f', '\\u00e9', '\\%', '\\_'),
    fc.constantFrom("'", "' OR Name = '", "' AND Email != '", "' OR (", 'a', ' ', 'é', '%', '_', '(', ')', '"', '山'),
  )
  let accepted = 0
  let refused = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const query = `SELECT Id FROM Contact WHERE Name = '${pieces.join('')}'`
      const valid = accepts(query)
      // The independent parser lets AND and OR mix without parentheses; Salesforce does not.
      if (pieces.some((text) => text.includes('OR')) && pieces.some((text) => text.includes('AND'))) return
      expect(valid).toBe(isQueryValid(query))
      if (valid) {
        accepted += 1
        expect(comparisons(parseQuery(query).where)).toBe(comparisonsIndependently(parseIndependently(query).where))
      } else refused += 1
    }),
    { numRuns: 2000 },
  )
  expect(accepted).toBeGreaterThan(200)
  expect(refused).toBeGreaterThan(200)
})

test('parseQuery() refuses every backslash that the reference does not know', () => {
  const known = new Set('nNrRtTbBfFu"\'\\_%')
  for (let code = 32; code < 127; code += 1) {
    const character = String.fromCharCode(code)
    const query = `SELECT Id FROM Contact WHERE Name = 'a\\${character}0041'`
    // An escaped quote leaves the literal open no longer than its own closing quote.
    expect([character, accepts(query)]).toEqual([character, known.has(character)])
  }
  expect(accepts("SELECT Id FROM Contact WHERE Name = '\\u00g1'")).toBe(false)
})

test('runQuery() finds exactly the record whose name is the escaped literal, whatever the name', () => {
  fc.assert(
    fc.property(names, (name) => {
      const decoys = [`${name}x`, `x${name}`, escapeLiteral(`${name}\\`), 'x', '%', '_', '\\', "'"]
      withContacts([name, ...decoys.filter((decoy) => decoy.toLowerCase() !== name.toLowerCase())], () => {
        expect(namesWhere(`Name = '${escapeLiteral(name)}'`)).toEqual([name])
        expect(namesWhere(`Name = '${asUnicode(name)}'`)).toEqual([name])
        expect(namesWhere(`Name IN ('${escapeLiteral(name)}')`)).toEqual([name])
        const pattern = escapeLiteral(name).replaceAll('%', '\\%').replaceAll('_', '\\_')
        expect(namesWhere(`Name LIKE '${pattern}'`)).toEqual([name])
      })
    }),
    { numRuns: 300 },
  )
})

test('positive control: quoting without escaping lets the value become the query', () => {
  withContacts(['Ann', 'Bob', 'Cid'], () => {
    const hostile = "x' OR Name != 'x"
    expect(namesWhere(`Name = '${hostile}'`)).toEqual(['Ann', 'Bob', 'Cid'])
    expect(namesWhere(`Name = '${escapeLiteral(hostile)}'`)).toEqual([])
  })
})

test('positive control: escaping the quote but not the backslash changes structure or meaning', () => {
  withContacts(['Ann', '\\', '\\n', "\\' OR Id != null OR Name = '", "'", '\\u0027'], () => {
    for (const name of ['\\', "\\' OR Id != null OR Name = '"]) {
      expect(() => namesWhere(`Name = '${escapeNaively(name)}'`)).toThrow(/MALFORMED_QUERY/)
      expect(namesWhere(`Name = '${escapeLiteral(name)}'`)).toEqual([name])
    }
    expect(namesWhere(`Name = '${escapeNaively('\\n')}'`)).toEqual([])
    // The wrong record, not just none.
    expect(namesWhere(`Name = '${escapeNaively('\\u0027')}'`)).toEqual(["'"])
    expect(namesWhere(`Name = '${escapeLiteral('\\u0027')}'`)).toEqual(['\\u0027'])
    // Two values in one query: the first swallows the border, and the second is read as code.
    const split = `Name = '${escapeNaively('\\')}' AND FirstName = '${escapeNaively(' OR Id != null OR Name = ')}'`
    expect(parseQueryPrefix(split)).toBe(2)
  })
})

/** Comparisons of the condition up to its dangling last quote. */
function parseQueryPrefix(condition: string): number {
  const query = `SELECT Id FROM Contact WHERE ${condition.slice(0, condition.lastIndexOf(' OR Name'))}`
  return comparisons(parseQuery(query).where)
}
