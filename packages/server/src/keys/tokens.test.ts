import fc from 'fast-check'
import { expect, test } from 'vitest'
import { equalHashes, hashToken, isApiToken, isUrlToken, newApiToken, newUrlToken, redactTokens } from './tokens.ts'

test('newUrlToken() and newApiToken() make tokens that their own check accepts, and not the other', () => {
  for (let i = 0; i < 200; i++) {
    expect(isUrlToken(newUrlToken())).toBe(true)
    expect(isApiToken(newApiToken())).toBe(true)
    expect(isApiToken(newUrlToken())).toBe(false)
  }
})

test('isUrlToken() refuses a token with any one character changed', () => {
  const token = newUrlToken()
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...'0Aa9Zz_- '), (at, character) => {
      const changed = token.slice(0, at) + character + token.slice(at + 1)
      expect(isUrlToken(changed)).toBe(changed === token)
    }),
  )
})

test('hashToken() keeps nothing of the token, and equalHashes() compares', () => {
  const token = newApiToken()
  expect(hashToken(token)).not.toContain(token.slice(3, 12))
  expect(equalHashes(hashToken(token), hashToken(token))).toBe(true)
  expect(equalHashes(hashToken(token), hashToken(newApiToken()))).toBe(false)
})

test('redactTokens() removes tokens from paths, queries and prose', () => {
  const [url, api] = [newUrlToken(), newApiToken()]
  const text = `POST /mcp/${url} and /.well-known/oauth-protected-resource/mcp/${url}?key=${url} Bearer ${api}.`
  const redacted = redactTokens(text)
  expect(redacted).not.toContain(url)
  expect(redacted).not.toContain(api)
  expect(redacted).toContain('/mcp/[token]')
})
