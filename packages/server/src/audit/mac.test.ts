import { createHmac, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { mac } from './mac.ts'

test("mac() is Node's HMAC-SHA256, for any key up to a block and any text, again and again", () => {
  const alphabet = ['a', '\n', '"', 'é', '漢', '🙂', '\u0000']
  for (let n = 0; n < 300; n++) {
    const key = randomBytes(n % 65)
    const code = mac(key)
    for (const length of [n, 7 * n, 1_400 + n]) {
      const text = Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join('')
      expect(code(text)).toBe(createHmac('sha256', key).update(text).digest('base64url'))
    }
  }
})

test('mac() gives the code of RFC 4231, test case 2, and refuses a key that is too long', () => {
  const code = mac(Buffer.from('Jefe'))('what do ya want for nothing?')
  expect(Buffer.from(code, 'base64url').toString('hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
  expect(() => mac(new Uint8Array(65))).toThrow('longer than 64 bytes')
})
