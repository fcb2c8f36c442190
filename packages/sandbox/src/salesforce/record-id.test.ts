/**
 * @module
 * Proves the checksum of long ids against ids seen in the wild.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { instanceOf, lengthenId, mintRecordId, parseRecordId } from './record-id.ts'

test('lengthenId() gives the checksums of ids seen in the wild', () => {
  expect(lengthenId('001D000000IqhSL')).toBe('001D000000IqhSLIAZ')
  expect(lengthenId('005xx000001SwiU')).toBe('005xx000001SwiUAAS')
  expect(lengthenId('01gRO0000016PIA')).toBe('01gRO0000016PIAYA2')
})

test('parseRecordId() takes both lengths and refuses a wrong checksum or shape', () => {
  expect(parseRecordId('001D000000IqhSL')).toBe('001D000000IqhSLIAZ')
  expect(parseRecordId('001D000000IqhSLIAZ')).toBe('001D000000IqhSLIAZ')
  expect(parseRecordId('001D000000IqhSlIAZ')).toBeNull()
  for (const text of ['', '001D000000IqhS', '001D000000IqhSLI', "001D000000IqhS'", '001D000000IqhSLIAZ0']) {
    expect(parseRecordId(text)).toBeNull()
  }
})

test('mintRecordId() gives different ids for different records, tenants and objects, all of them valid', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.nat(1e6), (left, right) => {
      const [a, b] = [mintRecordId('003', instanceOf('acme'), left), mintRecordId('003', instanceOf('acme'), right)]
      expect(a === b).toBe(left === right)
      expect(parseRecordId(a)).toBe(a)
      expect(mintRecordId('003', instanceOf('globex'), left)).not.toBe(a)
    }),
  )
})
