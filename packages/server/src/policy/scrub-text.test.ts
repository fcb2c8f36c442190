import { stepCost } from '@quartermaster/testing'
/** @module Free text without addresses and numbers. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scrubText } from './scrub-text.ts'

test.each([
  ['Mail jane@acme.com, please', 'Mail [email], please'],
  ['<mailto:j.d+x@acme.co.uk>', '<[email]>'],
  ['https://x.com/?e=jane%40acme.com now', '[email] now'],
  ['jane＠acme.com', '[email]'],
  ['Call +1 (415) 555-0100.', 'Call [phone].'],
  ['0049 30 123456', '[phone]'],
  ['tel 555 0100 1', 'tel [phone]'],
  ['card 4111-1111-1111-1111', 'card [card]'],
  ['iban DE89 3704 0044 0532 0130 00', 'iban DE[number]'],
  ['٠١٢٣٤٥٦٧٨٩٠', '[phone]'],
  ['Met 2024-03-15 at 10:00, next 2024-03-20', 'Met 2024-03-15 at 10:00, next 2024-03-20'],
  ['@channel 12 of 100 seats, 1,000,000 EUR', '@channel 12 of 100 seats, 1,000,000 EUR'],
])('scrubText() makes %j into %j', (text, scrubbed) => {
  expect(scrubText(text)).toBe(scrubbed)
})

test('scrubText() leaves no address, and no seven digits in a row but dates', () => {
  const unit = fc.constantFrom('a', '1', '2', '9', '@', '.', '-', ' ', '(', '+', '…', '[', '\n', '%', '4', '0')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 80 }), (text) => {
      const scrubbed = scrubText(text)
      expect(scrubbed).not.toMatch(/[a-z0-9]@[a-z0-9]/)
      expect(scrubbed).not.toMatch(/\d{7}/)
      expect(scrubText(scrubbed)).toBe(scrubbed)
    }),
    { numRuns: 2000 },
  )
})

/** What several hostile texts of this length cost. */
function costOf(length: number): Promise<number> {
  const hostile = ['1 ', '1', 'a', '@', 'a@', '+', '1-', '(1', '. ', '%4', '12345 6 '].map((part) =>
    part.repeat(Math.ceil(length / part.length)),
  )
  return stepCost(() => hostile.map(scrubText))
}

test('scrubText() takes time in proportion to the length', async () => {
  // Compiled before it is measured.
  await costOf(20_000)
  // Eight times the length would be 64 times the cost if any of it were quadratic.
  expect((await costOf(400_000)) / (await costOf(50_000))).toBeLessThan(32)
})
