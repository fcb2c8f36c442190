import { expect, test } from 'vitest'
import { readThirdPartyFailure } from './read-third-party-result.ts'

test.each([
  ['429 Too Many Requests, Retry-After: 7', 7],
  ['Rate limit exceeded. Retry after 2592000 seconds', 2_592_000],
  ['Rate limit exceeded. Retry after -5 seconds', 5],
  ['Rate limit exceeded. Retry after 99999999999999 seconds', undefined],
  ['Rate limit exceeded. Retry after 2 hours', 7_200],
  ['Rate limit exceeded. Retry after 1 minute.', 60],
  ['Rate limit exceeded. Retry after 1500 ms', 2],
  ['Rate limit exceeded. Retry after 3 s', 3],
  ['Too many requests, Retry-After: Wed, 21 Oct 2015 07:28:00 GMT', 0],
  ['Rate limit exceeded', undefined],
])('a third-party refusal %j is a rate limit with its wait', (text, retryAfterS) => {
  const fault = readThirdPartyFailure(text)
  expect(fault).toMatchObject({ code: 'rate_limited', status: 429 })
  expect(fault.retryAfterS).toBe(retryAfterS)
})

test('a third-party refusal until a date is one for the time until then', () => {
  const until = new Date(Date.now() + 30 * 86_400_000).toUTCString()
  const { retryAfterS = 0 } = readThirdPartyFailure(`429 Too Many Requests. Retry-After: ${until}`)
  expect(Math.abs(retryAfterS - 30 * 86_400)).toBeLessThan(60)
})

test('a third-party failure of another kind is none', () => {
  expect(readThirdPartyFailure('Row 429 was not found; retry after 5 minutes')).toMatchObject({ code: 'tool_error' })
})
