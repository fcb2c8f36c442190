/** @module The escapers against an independent parser of the language. */
import { parseQuery } from '@jetstreamapp/soql-parser-js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { soqlContains, soqlLiteral } from './soql-literal.ts'

const hostile = fc
  .array(
    fc.oneof(fc.constantFrom('\\', "'", '%', '_', '\n', '\0', ' OR ', '--', '漢', '😀'), fc.string({ maxLength: 3 })),
    {
      maxLength: 10,
    },
  )
  .map((parts) => parts.join(''))

const query = (operator: string, literal: string) =>
  `SELECT Id FROM Contact WHERE LastName ${operator} ${literal} AND Id != null ORDER BY Id ASC LIMIT 11`

/** The parsed query with every literal blanked: what the text of a literal must not be able to change. */
function structure(soql: string): string {
  const parsed = parseQuery(soql)
  return JSON.stringify(parsed, (key, value: unknown) => (key === 'value' && typeof value === 'string' ? '' : value))
}

function changesStructure(operator: string, write: (text: string) => string, text: string): boolean {
  try {
    return structure(query(operator, write(text))) !== structure(query(operator, "'x'"))
  } catch {
    return true
  }
}

test.each([
  ['=', soqlLiteral],
  ['LIKE', soqlContains],
] as const)('a literal after %s never changes the query around it', (operator, write) => {
  fc.assert(
    fc.property(hostile, (text) => !changesStructure(operator, write, text)),
    { numRuns: 3_000 },
  )
})

test('the naive escaper, which knows only the quote, does change it', () => {
  const naive = (text: string) => `'${text.replaceAll("'", "\\'")}'`
  const result = fc.check(
    fc.property(hostile, (text) => !changesStructure('=', naive, text)),
    { numRuns: 3_000 },
  )
  expect(result.failed).toBe(true)
})

test('soqlLiteral() escapes the backslash before the quote, and control characters', () => {
  expect(soqlLiteral("a\\'b\n\0")).toBe("'a\\\\\\'b\\n\\u0000'")
})

test('soqlContains() takes the wildcards literally', () => {
  expect(soqlContains('100%_\\')).toBe("'%100\\%\\_\\\\%'")
})
