import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoff } from './backoff.ts'
import { defaultCallPolicy } from './call-policy.ts'

const fault = fc.record(
  {
    code: fc.constantFrom('rate_limited', 'timeout', 'connection_error', 'missing_scope', 'outcome_unknown'),
    retryAfterS: fc.integer({ min: 0, max: 100_000 }),
    retryable: fc.boolean(),
    message: fc.constant('m'),
    advice: fc.constant('a'),
  },
  { requiredKeys: ['code', 'retryable', 'message', 'advice'] },
)
const attempt = fc.record({
  number: fc.integer({ min: 1, max: 8 }),
  repeatable: fc.boolean(),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
})
const policy = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 8 }),
  resetCapS: fc.integer({ min: 0, max: 120 }),
  jitterS: fc.integer({ min: 0, max: 5 }),
  defaultResetS: fc.integer({ min: 0, max: 60 }),
  timeoutMs: fc.constant(10_000),
  giveUpAboveS: fc.integer({ min: 0, max: 3600 }),
  maxConcurrent: fc.constant(5),
  slaMs: fc.constant(1000),
})

test('backoff() never waits longer than cap plus jitter, never after the last attempt, never for a lost cause', () => {
  fc.assert(
    fc.property(attempt, fault, policy, (a, f, p) => {
      const verdict = backoff(a, f, p)
      if (!verdict.retry) return
      expect(a.number).toBeLessThan(p.maxAttempts)
      expect(f.retryAfterS ?? 0).toBeLessThanOrEqual(p.giveUpAboveS)
      expect(f.code === 'rate_limited' || (f.retryable && a.repeatable)).toBe(true)
      expect(verdict.waitMs).toBe(verdict.resetMs + verdict.jitterMs)
      expect(verdict.waitMs).toBeLessThanOrEqual((p.resetCapS + p.jitterS) * 1000)
      expect(verdict.resetMs).toBeGreaterThanOrEqual(
        f.code === 'rate_limited' ? Math.min(f.retryAfterS ?? p.defaultResetS, p.resetCapS) * 1000 : 0,
      )
      expect(verdict.shared).toBe(f.code === 'rate_limited')
    }),
    { numRuns: 2000 },
  )
})

test('backoff() always retries a rate limit that is near and has attempts left, read or write', () => {
  fc.assert(
    fc.property(attempt, fc.integer({ min: 0, max: 300 }), (a, retryAfterS) => {
      const limited = { code: 'rate_limited', retryAfterS, retryable: true, message: '', advice: '' }
      expect(backoff(a, limited, defaultCallPolicy).retry).toBe(a.number < 4)
    }),
  )
})

test('backoff() doubles its pause after faults that name no time', () => {
  const lost = { code: 'connection_error', retryable: true, message: '', advice: '' }
  const waits = [1, 2, 3].map((number) => backoff({ number, repeatable: true, random: 0 }, lost, defaultCallPolicy))
  expect(waits.map((verdict) => verdict.retry && verdict.waitMs)).toEqual([500, 1000, 2000])
})
