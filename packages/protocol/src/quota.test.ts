import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Quota, rateLimitHeaders, rateLimitMeta, tightest } from './quota.ts'

const burst: Quota = { policy: 'ten-secondly', limit: 110, remaining: 3, resetS: 7.2, windowS: 10 }
const daily: Quota = { policy: 'daily', limit: 15_000, remaining: 14_000, windowS: 86_400 }

test('tightest() is the quota with the smallest share left', () => {
  expect(tightest([daily, burst])).toBe(burst)
  expect(tightest([{ policy: 'unknown' }, daily])).toBe(daily)
  expect(tightest([daily, { policy: 'spent', remaining: 0 }])).toMatchObject({ policy: 'spent' })
  expect(tightest([])).toBeUndefined()
})

test('rateLimitHeaders() writes both generations of the IETF draft', () => {
  expect(rateLimitHeaders([burst, daily])).toEqual({
    'RateLimit-Limit': '110',
    'RateLimit-Remaining': '3',
    'RateLimit-Reset': '8',
    RateLimit: '"ten-secondly";r=3;t=8, "daily";r=14000',
    'RateLimit-Policy': '"ten-secondly";q=110;w=10, "daily";q=15000;w=86400',
  })
})

test('rateLimitHeaders() of a refusal always says when to come back, even when nothing else is known', () => {
  expect(rateLimitHeaders([], 12)).toEqual({ 'RateLimit-Reset': '12', 'Retry-After': '12' })
  expect(rateLimitMeta(429, [], 12)).toEqual({ status: 429, reset: 12, retryAfterMs: 12_000 })
})

test('rateLimitHeaders() never claims more than the limit, a negative rest, or a wait beyond a day', () => {
  const number = fc.double({ min: -1e9, max: 1e9, noNaN: true })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: -50, max: 2_000 }),
      number,
      (limit, remaining, resetS) => {
        const headers = rateLimitHeaders([{ policy: 'p', limit, remaining, resetS }], Math.abs(resetS))
        expect(Number(headers['RateLimit-Remaining'])).toBeGreaterThanOrEqual(0)
        expect(Number(headers['RateLimit-Remaining'])).toBeLessThanOrEqual(limit)
        expect(Number(headers['RateLimit-Reset'])).toBeLessThanOrEqual(86_400)
        expect(Number(headers['Retry-After'])).toBeGreaterThanOrEqual(0)
      },
    ),
  )
})
