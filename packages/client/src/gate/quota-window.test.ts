import fc from 'fast-check'
import { expect, test } from 'vitest'
import { QuotaWindow } from './quota-window.ts'

test('opensAt() lets the limit through and the next one when the first has rolled out, counted from its answer', () => {
  const window = new QuotaWindow()
  window.told({ limit: 3, windowMs: 1000 }, 0, 0)
  const sent = [1, 2, 3].map((at) => {
    expect(window.opensAt(at)).toBe(at)
    return window.send(at)
  })
  expect(window.opensAt(4)).toBe(Number.POSITIVE_INFINITY)
  sent.forEach((each, nth) => {
    window.answered(each, 10 + nth, true)
  })
  expect(window.opensAt(20)).toBe(1010)
  expect(window.opensAt(1010)).toBe(1010)
})

test('a refused request takes nothing', () => {
  const window = new QuotaWindow()
  window.told({ limit: 1, windowMs: 1000 }, 0, 0)
  window.answered(window.send(0), 5, false)
  expect(window.opensAt(5)).toBe(5)
})

test('told() counts what others use, but never imagines others', () => {
  const window = new QuotaWindow()
  const alone = window.send(0)
  window.answered(alone, 10, true)
  window.told({ limit: 10, remaining: 5, windowMs: 1000 }, 0, 10)
  // Five are taken, one is ours: four belong to somebody else until a window from now.
  for (let nth = 0; nth < 5; nth += 1) window.answered(window.send(20), 30, true)
  expect(window.opensAt(40)).toBe(1010)
})

test('the length of an unknown window is learned from what the answers say is left', () => {
  const window = new QuotaWindow()
  for (const [at, remaining] of [
    [0, 9],
    [100, 8],
    [200, 7],
    // The first has rolled out: it was sent 700 ms ago, so the window is no longer than that.
    [700, 7],
  ] as const) {
    const sent = window.send(at)
    window.answered(sent, at, true)
    window.told({ limit: 10, remaining }, at, at)
  }
  expect(window.windowMs).toBe(700)
})

test('a limit that nothing names is learned from refusals, and tried again later', () => {
  const window = new QuotaWindow()
  for (let at = 0; at < 20; at += 1) window.answered(window.send(at), at, true)
  window.refused(1000, 20)
  expect([window.limit, window.windowMs]).toEqual([20, 1000])
  for (let at = 1500; at < 1520; at += 1) window.answered(window.send(at), at, true)
  expect(window.opensAt(1520)).toBeGreaterThan(1520)
  // Refused again and again: the window is longer than each refusal says.
  window.refused(1000, 1530)
  window.refused(1000, 2530)
  expect([window.limit, window.windowMs]).toEqual([20, 2000])
  window.opensAt(10_000)
  expect(window.limit).toBe(22)
  window.opensAt(22_530)
  expect(window.limit).toBeUndefined()
})

test('a refusal after a handful of requests teaches no limit: others may have used it up', () => {
  const window = new QuotaWindow()
  for (let at = 0; at < 7; at += 1) window.answered(window.send(at), at, true)
  window.refused(1000, 20)
  expect(window.limit).toBeUndefined()
  expect(window.opensAt(20)).toBe(20)
})

test('windows that nobody would wait for are not paced', () => {
  const window = new QuotaWindow()
  window.told({ limit: 10, remaining: 0, windowMs: 86_400_000 }, 0, 0)
  expect(window.opensAt(1)).toBe(1)
})

/** What a vendor does: `limit` units in any `windowMs`, taken at a moment between sending and answer. */
function vendorOf(limit: number, windowMs: number) {
  let taken: number[] = []
  return (now: number) => {
    taken = taken.filter((at) => at > now - windowMs)
    const ok = taken.length < limit
    if (ok) taken.push(now)
    return { ok, remaining: limit - taken.length }
  }
}

test('whoever waits for opensAt() is never refused by a rolling window, however late the answers come', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 10, max: 500 }),
      fc.array(fc.record({ pause: fc.nat(60), way: fc.nat(40), back: fc.nat(40) }), { maxLength: 80 }),
      (limit, windowMs, requests) => {
        const vendor = vendorOf(limit, windowMs)
        const window = new QuotaWindow()
        window.told({ limit, windowMs }, 0, 0)
        let now = 1
        for (const { pause, way, back } of requests) {
          now = Math.max(now + pause, window.opensAt(now + pause))
          const sent = window.send(now)
          now += way
          const { ok, remaining } = vendor(now)
          expect(ok).toBe(true)
          now += back
          window.answered(sent, now, true)
          window.told({ limit, remaining, windowMs }, sent.sentAt, now)
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('opensAt() is never later than a window after the last answer: nobody waits for ever', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          limit: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
          remaining: fc.option(fc.nat(9), { nil: undefined }),
          resetMs: fc.option(fc.nat(5000), { nil: undefined }),
          refusedMs: fc.option(fc.nat(3000), { nil: undefined }),
          ms: fc.nat(500),
        }),
        { maxLength: 40 },
      ),
      (answers) => {
        const window = new QuotaWindow()
        let now = 0
        for (const { limit, remaining, resetMs, refusedMs, ms } of answers) {
          const sent = window.send(now)
          now += ms
          window.answered(sent, now, refusedMs === undefined)
          if (refusedMs !== undefined) window.refused(refusedMs, now)
          window.told(
            {
              ...(limit === undefined ? {} : { limit }),
              ...(remaining === undefined ? {} : { remaining }),
              ...(resetMs === undefined ? {} : { resetMs }),
            },
            sent.sentAt,
            now,
          )
        }
        const opens = window.opensAt(now)
        const longest = Math.max(5000, window.windowMs ?? 0)
        expect(opens - now).toBeLessThanOrEqual(longest)
      },
    ),
    { numRuns: 300 },
  )
})

test('a refusal below the stated limit is the limit from then on: somebody in between keeps a part back, for a while', () => {
  const window = new QuotaWindow()
  const stated = { limit: 110, remaining: 100, windowMs: 1000 }
  const refused = { limit: 99, remaining: 0, resetMs: 1000, windowMs: 1000 }
  window.told(stated, 0, 0)
  window.told({ ...refused, limit: 110 }, 5, 5, true)
  expect([window.limit, window.spanMs]).toEqual([110, 1000])
  window.told(refused, 10, 10, true)
  window.told(stated, 20, 20)
  // Its count of our requests is behind ours, by as much as a slot of it is long.
  expect([window.limit, window.spanMs]).toEqual([99, 1020])
  // Refused again although we waited: it is further behind. Those refused with it say nothing new.
  for (const at of [2000, 2001, 2500]) window.told(refused, at, at, true)
  window.told(stated, 2600, 2600)
  expect([window.limit, window.spanMs]).toEqual([99, 1040])
  window.opensAt(60_000)
  expect(window.spanMs).toBe(1020)
  window.opensAt(601_000)
  window.told(stated, 601_000, 601_000)
  expect([window.limit, window.spanMs]).toEqual([110, 1000])
})

test('whoever waits for opensAt() is refused once by a budget that keeps a part back and counts in slots, and never again', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 10, max: 100 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 30, maxLength: 30 }),
      (limit, latencies) => {
        const windowMs = 1000
        const usable = Math.floor(limit * 0.9)
        const window = new QuotaWindow()
        const uses: number[] = []
        let [now, refusals, calls] = [1_000_000, 0, 0]
        while (calls < 12 * limit) {
          now = Math.max(now, window.opensAt(now))
          const latency = latencies[calls % latencies.length] ?? 0
          const sent = window.send(now)
          const alive = uses.filter((at) => at + windowMs > now).length
          const ok = alive < usable
          // Counted when the system has answered, at the end of a fiftieth of the window.
          if (ok) uses.push(Math.ceil((now + Math.floor(latency / 2)) / 20) * 20)
          calls += 1
          const at = now + latency
          window.answered(sent, at, ok)
          if (ok) window.told({ limit, remaining: limit - alive - 1, windowMs }, now, at)
          else {
            refusals += 1
            window.told({ limit: usable, remaining: 0, resetMs: windowMs, windowMs }, now, at, true)
          }
          now = ok ? at : at + windowMs
        }
        expect(refusals).toBeLessThanOrEqual(1)
        // Some windows are full, or nothing was tried.
        expect(now - 1_000_000).toBeGreaterThan(5 * windowMs)
      },
    ),
    { numRuns: 25 },
  )
})
