import { rateLimitHeaders } from '@quartermaster/protocol'
import { stepCost } from '@quartermaster/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readQuotaHeaders } from './read-quota-headers.ts'

test('readQuotaHeaders() reads back what the server writes', () => {
  const quotas = [
    { policy: 'ten-secondly', limit: 110, remaining: 42, resetS: 7, windowS: 10 },
    { policy: 'daily', limit: 250_000, remaining: 9, windowS: 86_400 },
    { policy: 'search', limit: 5 },
  ]
  expect(readQuotaHeaders(new Headers(rateLimitHeaders(quotas)))).toEqual(quotas)
})

test('readQuotaHeaders() leaves out what it cannot read', () => {
  expect(readQuotaHeaders(new Headers())).toBeUndefined()
  expect(readQuotaHeaders(new Headers({ ratelimit: 'limit=10, remaining=5' }))).toBeUndefined()
  expect(readQuotaHeaders(new Headers({ ratelimit: '"a";r=-1, "b";r=3;t=x;pk=:cHs=:' }))).toEqual([
    { policy: 'b', remaining: 3 },
  ])
  expect(readQuotaHeaders(new Headers({ ratelimit: `"a";r=1${' '.repeat(3000)}` }))).toEqual([
    { policy: 'a', remaining: 1 },
  ])
})

test('readQuotaHeaders() survives any text, quickly', async () => {
  const text = fc.string({ unit: fc.constantFrom('"', ';', 'r', '=', '1', ' ', 'a', ','), maxLength: 2000 })
  const texts = fc.sample(text, 100)
  const cost = await stepCost(() => texts.map((each) => readQuotaHeaders({ get: () => each } as unknown as Headers)))
  // 100,000 characters; a square of 2,000 for each text would be some hundreds of millions of steps.
  expect(cost).toBeLessThan(100)
})
