import { expect, test } from 'vitest'
import { readForeignFailure } from './read-foreign.ts'

test.each([
  ['429 Too Many Requests, Retry-After: 7', 7],
  ['Rate limit exceeded. Retry after 2592000 seconds', 2_592_000],
  ['Rate limit exceeded. Retry after -5 seconds', 5],
  ['Rate limit exceeded. Retry after 99999999999999 seconds', undefined],
  ['Rate limit exceeded', undefined],
])('a foreign refusal %j is a rate limit with its wait', (text, retryAfterS) => {
  const fault = readForeignFailure(text)
  expect(fault).toMatchObject({ code: 'rate_limited', status: 429 })
  expect(fault.retryAfterS).toBe(retryAfterS)
})

test('a foreign failure of another kind is none', () => {
  expect(readForeignFailure('Row 429 was not found; retry after 5 minutes')).toMatchObject({ code: 'tool_error' })
})
