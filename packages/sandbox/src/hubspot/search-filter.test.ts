/** @module Proves every search operator on every kind of value that behaves differently. */
import { expect, test } from 'vitest'
import { property } from './property.ts'
import { type Filter, passes } from './search-filter.ts'

const text = property('contact', 'text', 'Text', 'string')
const number = property('contact', 'number', 'Number', 'number')
const time = property('contact', 'time', 'Time', 'datetime')
const option = property('contact', 'option', 'Option', 'enumeration', { options: [{ label: 'A', value: 'A' }] })

const filter = (operator: string, more: Partial<Filter> = {}): Filter => ({ propertyName: 'x', operator, ...more })

test.each([
  [text, 'EQ', { value: 'JANE' }, 'jane', true],
  [text, 'NEQ', { value: 'jane' }, 'Jane', false],
  [text, 'NEQ', { value: 'jane' }, null, true],
  [text, 'LT', { value: 'b' }, 'A', true],
  [number, 'LT', { value: '10' }, '9', true],
  [number, 'LTE', { value: '9' }, '9.0', true],
  [number, 'GT', { value: '9' }, '10', true],
  [number, 'GTE', { value: '10' }, null, false],
  [number, 'BETWEEN', { value: '5', highValue: '10' }, '10', true],
  [number, 'BETWEEN', { value: '5', highValue: '10' }, '11', false],
  [time, 'EQ', { value: '1790000000000' }, new Date(1_790_000_000_000).toISOString(), true],
  [time, 'GT', { value: '2026-01-01' }, '2026-01-01T00:00:00.001Z', true],
  [text, 'IN', { values: ['jane', 'joe'] }, 'Jane', true],
  [text, 'IN', { values: ['Jane'] }, 'Jane', false],
  [option, 'IN', { values: ['A'] }, 'A', true],
  [option, 'IN', { values: ['a'] }, 'A', false],
  [text, 'NOT_IN', { values: ['jane'] }, 'Jane', false],
  [text, 'NOT_IN', { values: ['jane'] }, null, true],
  [text, 'HAS_PROPERTY', {}, 'x', true],
  [text, 'HAS_PROPERTY', {}, null, false],
  [text, 'NOT_HAS_PROPERTY', {}, null, true],
  [text, 'CONTAINS_TOKEN', { value: 'brien' }, "Sinéad O'Brien", true],
  [text, 'CONTAINS_TOKEN', { value: 'bri' }, "Sinéad O'Brien", false],
  [text, 'CONTAINS_TOKEN', { value: 'bri*' }, "Sinéad O'Brien", true],
  [text, 'CONTAINS_TOKEN', { value: '*@acme.example' }, 'jane@acme.example', true],
  [text, 'CONTAINS_TOKEN', { value: '.*' }, 'jane', false],
  [text, 'NOT_CONTAINS_TOKEN', { value: 'jane' }, 'Jane Doe', false],
  [text, 'NOT_CONTAINS_TOKEN', { value: 'jane' }, null, true],
] as const)('passes() compares %#: %j', (definition, operator, operands, value, expected) => {
  expect(passes(filter(operator, operands), definition, value)).toBe(expected)
})

test('passes() refuses an unknown operator and a missing operand', () => {
  for (const broken of [
    filter('LIKE', { value: 'x' }),
    filter('EQ'),
    filter('IN', { values: [] }),
    filter('BETWEEN', { value: '1' }),
  ]) {
    expect(() => passes(broken, text, 'x')).toThrow(/allowed operators|needs/)
  }
})
