/** @module Quota headers of every dialect, and headers that are nonsense. */
import { expect, test } from 'vitest'
import type { QuotaFile } from './connector-file.ts'
import { readQuotas, readRetryAfter } from './read-quotas.ts'

const file: QuotaFile = {
  policies: {
    minutely: {
      limit: { header: 'x-limit', unit: 'seconds' },
      remaining: { header: 'x-remaining', unit: 'seconds' },
      reset: { header: 'x-reset', unit: 'epoch_seconds' },
      window_s: 60,
    },
    daily: { pair: { header: 'x-info', key: 'usage' } },
  },
  retry_after: { header: 'retry-after' },
}

test('readQuotas() reads epochs against the date of the answer, not against a clock', () => {
  const headers = {
    'x-limit': '600',
    'x-remaining': '7',
    'x-reset': '1710496830',
    date: 'Fri, 15 Mar 2024 10:00:00 GMT',
  }
  expect(readQuotas(file, headers)).toEqual([{ policy: 'minutely', limit: 600, remaining: 7, resetS: 30, windowS: 60 }])
  expect(readQuotas(file, { ...headers, date: undefined })).toEqual([
    { policy: 'minutely', limit: 600, remaining: 7, windowS: 60 },
  ])
})

test('readQuotas() never shows more left than the limit, nor less than nothing', () => {
  expect(readQuotas(file, { 'x-limit': '5', 'x-remaining': '9' })).toMatchObject([{ remaining: 5 }])
  expect(readQuotas(file, { 'x-info': 'other=1/2; usage=12/10' })).toEqual([
    { policy: 'daily', limit: 10, remaining: 0 },
  ])
})

test.each(['', 'usage', 'usage=', 'usage=1', 'usage=a/b', 'usage=-1/5', 'xusage=1/5', 'usage=1/5/', '='.repeat(5_000)])(
  'readQuotas() ignores the pair %j when it is none',
  (text) => {
    const read = readQuotas(file, { 'x-info': text })
    expect(read).toEqual(text === 'usage=1/5/' ? [{ policy: 'daily', limit: 5, remaining: 4 }] : [])
  },
)

test.each([
  ['10', 10],
  ['600', 600],
  ['601', 1],
  ['1500', 2],
  ['999999999999', 86_400],
  ['Fri, 15 Mar 2024 10:00:30 GMT', 30],
  ['soon', undefined],
  ['-1', undefined],
  ['', undefined],
])('readRetryAfter() understands %j as %j seconds', (text, expected) => {
  expect(readRetryAfter(file, { 'retry-after': text, date: 'Fri, 15 Mar 2024 10:00:00 GMT' })).toBe(expected)
})
