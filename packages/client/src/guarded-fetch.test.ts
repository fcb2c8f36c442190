import { expect, test } from 'vitest'
import { guardedFetch } from './guarded-fetch.ts'

const serve = (response: () => Response) => guardedFetch(async () => response(), 'https://crm.test', 10)

test('guardedFetch() refuses every other host without asking it', async () => {
  let asked = 0
  const guarded = guardedFetch(
    async () => {
      asked += 1
      return new Response()
    },
    'https://crm.test',
    10,
  )
  await expect(guarded('https://evil.test/')).rejects.toThrow('for https://crm.test only')
  await expect(guarded('http://crm.test/')).rejects.toThrow('for https://crm.test only')
  await expect(guarded('https://crm.test:444/')).rejects.toThrow('for https://crm.test only')
  expect(asked).toBe(0)
})

test('guardedFetch() stops reading where the limit is, with and without a content-length', async () => {
  const declared = serve(() => new Response('x'.repeat(11), { headers: { 'content-length': '11' } }))
  await expect(declared('https://crm.test/')).rejects.toThrow('longer than 10 bytes')
  const undeclared = await serve(() => new Response('x'.repeat(11)))('https://crm.test/')
  await expect(undeclared.text()).rejects.toThrow('longer than 10 bytes')
  expect(await (await serve(() => new Response('x'.repeat(10)))('https://crm.test/')).text()).toBe('x'.repeat(10))
})

test.each([
  [{ 'retry-after': '7' }, 7],
  [{ 'ratelimit-reset': '9' }, 9],
  [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, 30],
  [{ 'retry-after': 'Fri, 20 Nov 2026 07:28:00 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, 30 * 86_400],
  [{ 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, 0],
  [{ 'retry-after': 'soon' }, undefined],
  [{}, undefined],
])('guardedFetch() reads the wait of an HTTP 429 from %o', async (headers, retryAfterS) => {
  const answer = serve(() => new Response('no', { status: 429, headers: headers as Record<string, string> }))
  await expect(answer('https://crm.test/')).rejects.toMatchObject({ name: 'HttpRateLimited', retryAfterS })
})
