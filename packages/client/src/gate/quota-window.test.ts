import fc from 'fast-check'
import { expect, test } from 'vitest'
import { QuotaWindow } from './quota-window.ts'

test('opensAt() lets the limit through and the next one when the first has rolled out, counted from its answer', () => {
  const window = new QuotaWindow()
  window.observe({ limit: 3, windowMs: 1000 }, 0, 0)
  const sent = [1, 2, 3].map((at) => {
    expect(window.opensAt(at)).toBe(at)
    return window.send(at)
  })
  expect(window.opensAt(4)).toBe(Number.POSITIVE_INFINITY)
  sent.forEach((each, nth) => {
    window.answered(each, 10 + nth, true)
  })
  // A window after its answer, and a fiftieth of it: whoever counts in slots forgets a request that much later.
  expect(window.opensAt(20)).toBe(1030)
  expect(window.opensAt(1030)).toBe(1030)
})

test('a refused request takes nothing', () => {
  const window = new QuotaWindow()
  window.observe({ limit: 1, windowMs: 1000 }, 0, 0)
  window.answered(window.send(0), 5, false)
  expect(window.opensAt(5)).toBe(5)
})

test('observe() counts what others use, but never imagines others', () => {
  const window = new QuotaWindow()
  const alone = window.send(0)
  window.answered(alone, 10, true)
  window.observe({ limit: 10, remaining: 5, windowMs: 1000 }, 0, 10)
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
    window.observe({ limit: 10, remaining }, at, at)
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
  window.observe({ limit: 10, remaining: 0, windowMs: 86_400_000 }, 0, 0)
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
        window.observe({ limit, windowMs }, 0, 0)
        let now = 1
        for (const { pause, way, back } of requests) {
          now = Math.max(now + pause, window.opensAt(now + pause))
          const sent = window.send(now)
          now += way
          const { ok, remaining } = vendor(now)
          expect(ok).toBe(true)
          now += back
          window.answered(sent, now, true)
          window.observe({ limit, remaining, windowMs }, sent.sentAt, now)
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
          window.observe(
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

test('a refusal although one waited says that the other count is behind, unless others have used the quota', () => {
  const window = new QuotaWindow()
  const stated = { limit: 4, windowMs: 1000 }
  const refused = { ...stated, remaining: 0, resetMs: 1000 }
  window.observe(stated, 0, 0)
  const send = (at: number) => window.answered(window.send(at), at, true)
  for (const at of [1, 2, 3]) send(at)
  // Three of four are ours: somebody else has had one.
  window.observe(refused, 10, 10, true)
  expect(window.spanMs).toBe(1020)
  for (const at of [1100, 1101, 1102, 1103]) send(at)
  // Those refused with the first say nothing new.
  for (const at of [2150, 2151, 2160]) window.observe(refused, at, at, true)
  expect(window.spanMs).toBe(1040)
  window.opensAt(60_000)
  expect(window.spanMs).toBe(1020)
})

/** Reads in turn through a budget that keeps a part back, says so, and counts in slots of the window; gives its refusals. */
function throughBudget(limit: number, slots: number, latencies: readonly number[]): { refusals: number; ms: number } {
  const windowMs = 1000
  const slotMs = windowMs / slots
  const usable = Math.floor(limit * 0.9)
  const window = new QuotaWindow()
  const uses: number[] = []
  const started = 1_000_000
  let [now, refusals, calls] = [started, 0, 0]
  while (calls < 12 * limit) {
    now = Math.max(now, window.opensAt(now))
    const latency = latencies[calls % latencies.length] ?? 0
    const sent = window.send(now)
    const alive = uses.filter((at) => at + windowMs > now).length
    const ok = alive < usable
    if (ok) uses.push(Math.ceil((now + Math.floor(latency / 2)) / slotMs) * slotMs)
    calls += 1
    const at = now + latency
    window.answered(sent, at, ok)
    const facts = { limit: usable, remaining: ok ? usable - alive - 1 : 0, windowMs }
    if (!ok) refusals += 1
    window.observe(ok ? facts : { ...facts, resetMs: windowMs }, now, at, !ok)
    now = ok ? at : at + windowMs
  }
  return { refusals, ms: now - started }
}

const latencies = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 30, maxLength: 30 })

test('whoever waits for opensAt() is never refused by a budget that states its part and counts in fifty slots', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 100 }), latencies, (limit, each) => {
      const { refusals, ms } = throughBudget(limit, 50, each)
      expect(refusals).toBe(0)
      // Some windows are full, or nothing was tried.
      expect(ms).toBeGreaterThan(5_000)
    }),
    { numRuns: 25 },
  )
})

test('a budget with slots twice as long refuses a few times, until the gate keeps its distance', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 100 }), latencies, (limit, each) => {
      expect(throughBudget(limit, 25, each).refusals).toBeLessThanOrEqual(2)
    }),
    { numRuns: 25 },
  )
  expect(throughBudget(100, 25, [0, 1, 2, 3]).refusals).toBeGreaterThan(0)
})
