/** @module Partial values. */
import { expect, test } from 'vitest'
import { maskText } from './mask-text.ts'

test.each([
  ['jane@acme.com', 'contact', 'email', 'j***@acme.com'],
  ['"odd local"@acme.com', 'contact', 'email', '"***@acme.com'],
  ['jane@<b>', 'contact', 'email', '***'],
  ['@acme.com', 'contact', 'email', '***'],
  ['jdoe', 'contact', 'username', '***'],
  ['+1-555-0100', 'contact', 'number', '***00'],
  ['911', 'contact', 'number', '***'],
  ['94105-1234', 'contact', 'postal_code', '***'],
  ['Jane Doe', 'identity', 'name', 'J***'],
  ['jane@acme.com', 'identity', 'name', 'j***'],
  ['', 'identity', 'name', '***'],
  ['4,000', 'business', 'amount', '***'],
  ['1980-02-03', 'sensitive', 'birth_date', undefined],
] as const)('maskText() shows %j (%s, %s) as %j', (text, piiClass, field, masked) => {
  expect(maskText(text, piiClass, field)).toBe(masked)
  if (masked !== undefined) expect(maskText(masked, piiClass, field)).toBe(masked)
})
