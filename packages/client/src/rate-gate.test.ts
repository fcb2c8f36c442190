import { settle, TestClock } from '@quartermaster/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entry, WaitNotice } from './gate/entry.ts'
import { RateGate } from './rate-gate.ts'

function setup(random: () => number = () => 0) {
  const clock = new TestClock()
  return { clock, gate: new RateGate({ clock, random }) }
}

function leave(entry: Entry | undefined): void {
  if (!entry?.ok) throw new Error('Cannot leave: never entered')
  entry.leave()
}

test('enter() lets five in, then one for each that leaves, oldest first', async () => {
  const { gate } = setup()
  const order: number[] = []
  const entries: Entry[] = []
  for (let i = 0; i < 8; i += 1) {
    void gate.enter('a').then((entry) => {
      order.push(i)
      entries.push(entry)
    })
  }
  await settle()
  expect(order).toEqual([0, 1, 2, 3, 4])
  leave(entries[0])
  leave(entries[0])
  await settle()
  expect(order).toEqual([0, 1, 2, 3, 4, 5])
  expect(gate.state('a')).toEqual({ inFlight: 5, waiting: 2, opensInMs: 0 })
})

test('hold() closes the account for everybody; then one goes ahead, and each answer lets twice as many follow', async () => {
  const { clock, gate } = setup()
  gate.hold('a', 3000)
  const started = clock.now()
  const entered: number[] = []
  const inside: Entry[] = []
  for (let nth = 0; nth < 12; nth += 1) {
    void gate.enter('a', { jitterMs: 900 - nth, maxConcurrent: 9 }).then((entry) => {
      entered.push(nth)
      inside.push(entry)
    })
  }
  await clock.advance(3899)
  expect(entered).toEqual([])
  await clock.advance(1)
  expect([entered, clock.now() - started]).toEqual([[0], 3900])
  await clock.advance(60_000)
  expect(entered).toEqual([0])
  leave(inside.shift())
  await settle()
  expect(entered).toEqual([0, 1, 2])
  leave(inside.shift())
  await settle()
  expect(entered).toEqual([0, 1, 2, 3, 4, 5])
  leave(inside.shift())
  await settle()
  expect(entered).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
})

test('hold() is never shortened by a later, shorter one, and can be lengthened while people wait', async () => {
  const { clock, gate } = setup()
  gate.hold('a', 3000)
  gate.hold('a', 1000)
  expect(gate.opensInMs('a')).toBe(3000)
  const entry = gate.enter('a')
  await clock.advance(2000)
  gate.hold('a', 5000)
  await clock.advance(4999)
  expect(gate.state('a').waiting).toBe(1)
  await clock.advance(1)
  expect((await entry).ok).toBe(true)
})

test('waiting for a reset holds no slot', async () => {
  const { clock, gate } = setup()
  gate.hold('a', 1000)
  const waiting = Array.from({ length: 20 }, () => gate.enter('a'))
  await settle()
  expect(gate.state('a')).toMatchObject({ inFlight: 0, waiting: 20 })
  await clock.advance(1000)
  expect(gate.state('a')).toMatchObject({ inFlight: 1, waiting: 19 })
  leave(await waiting[0])
  expect(gate.state('a')).toMatchObject({ inFlight: 2, waiting: 17 })
})

test('observe() lets as many in as are left and the rest after the window', async () => {
  const { clock, gate } = setup()
  gate.observe('a', { remaining: 2, resetMs: 4000 })
  const entries: Entry[] = []
  for (let i = 0; i < 4; i += 1) void gate.enter('a').then((entry) => entries.push(entry))
  await settle()
  expect(entries).toHaveLength(2)
  await clock.advance(3999)
  expect(entries).toHaveLength(2)
  await clock.advance(1)
  expect(entries).toHaveLength(4)
})

test('observe() does not count requests twice that are under way', async () => {
  const { gate } = setup()
  const first = await gate.enter('a')
  await gate.enter('a')
  leave(first)
  // One of the three left belongs to the request that is still out.
  gate.observe('a', { remaining: 3, resetMs: 4000 })
  const entries: Entry[] = []
  for (let i = 0; i < 3; i += 1) void gate.enter('a').then((entry) => entries.push(entry))
  await settle()
  expect(entries).toHaveLength(2)
})

test('a call that comes back with its ticket keeps its place', async () => {
  const { gate } = setup()
  const ticket = gate.ticket()
  const first = await gate.enter('a', { maxConcurrent: 1, ticket })
  const order: string[] = []
  void gate.enter('a', { maxConcurrent: 1 }).then(() => order.push('younger'))
  const back = gate.enter('a', { maxConcurrent: 1, ticket }).then((entry) => {
    order.push('older')
    return entry
  })
  leave(first)
  leave(await back)
  await settle()
  expect(order).toEqual(['older', 'younger'])
})

test('refuse() answers those who wait and those who come, for a while', async () => {
  const { clock, gate } = setup()
  gate.hold('a', 1000)
  const waiting = gate.enter('a')
  gate.refuse('a', 3_600_000, 30_000)
  expect(await waiting).toEqual({ ok: false, reason: 'refused', retryAfterMs: 3_600_000 })
  await clock.advance(29_999)
  expect(await gate.enter('a')).toEqual({ ok: false, reason: 'refused', retryAfterMs: 3_570_001 })
  expect((await gate.enter('b')).ok).toBe(true)
  await clock.advance(1)
  expect((await gate.enter('a')).ok).toBe(true)
})

test('an aborted waiter leaves the line, and no timer stays behind', async () => {
  const { clock, gate } = setup()
  gate.hold('a', 5000)
  const cancel = new AbortController()
  const entry = gate.enter('a', { signal: cancel.signal })
  expect(await gate.enter('a', { signal: AbortSignal.abort() })).toEqual({ ok: false, reason: 'aborted' })
  expect(clock.sleeping()).toEqual([5000])
  cancel.abort()
  expect(await entry).toEqual({ ok: false, reason: 'aborted' })
  expect(clock.sleeping()).toEqual([])
})

test('enter() says why it waits and how long', async () => {
  const { gate } = setup()
  const notices: WaitNotice[] = []
  const onWait = (notice: WaitNotice) => notices.push(notice)
  await gate.enter('a', { maxConcurrent: 1 })
  void gate.enter('a', { maxConcurrent: 1, jitterMs: 100, onWait })
  gate.hold('a', 2000)
  gate.observe('b', { remaining: 0, resetMs: 700 })
  void gate.enter('b', { jitterMs: 0, onWait })
  expect(notices).toEqual([
    { account: 'a', reason: 'concurrency', waitMs: 0 },
    { account: 'a', reason: 'rate_limited', waitMs: 2100 },
    { account: 'b', reason: 'paced', waitMs: 700 },
  ])
})

type Step =
  | { readonly do: 'enter'; readonly jitterMs: number }
  | { readonly do: 'leave'; readonly which: number }
  | { readonly do: 'abort'; readonly which: number }
  | { readonly do: 'hold'; readonly ms: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'observe'; readonly remaining: number; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('enter' as const), jitterMs: fc.nat(1000) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat(50) }) },
  fc.record({ do: fc.constant('abort' as const), which: fc.nat(50) }),
  fc.record({ do: fc.constant('hold' as const), ms: fc.nat(5000) }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(3000) }) },
  fc.record({ do: fc.constant('observe' as const), remaining: fc.nat(6), ms: fc.nat(4000) }),
)

test('whatever happens: never more than three in flight, none in while held, nobody forgotten, the ready served in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { clock, gate } = setup()
      const cancels: AbortController[] = []
      const inside: (() => void)[] = []
      let entered = 0
      let turnedAway = 0
      let heldUntil = 0
      let worstInFlight = 0
      let enteredWhileHeld = 0
      const admit = (entry: Entry) => {
        if (!entry.ok) {
          turnedAway += 1
          return
        }
        entered += 1
        if (clock.now() < heldUntil) enteredWhileHeld += 1
        inside.push(entry.leave)
        worstInFlight = Math.max(worstInFlight, inside.length)
      }
      for (const s of steps) {
        if (s.do === 'enter') {
          const cancel = new AbortController()
          cancels.push(cancel)
          const options = { jitterMs: s.jitterMs, maxConcurrent: 3, signal: cancel.signal }
          void gate.enter('a', options).then(admit)
          await settle()
        } else if (s.do === 'leave') inside.splice(s.which % Math.max(1, inside.length), 1)[0]?.()
        else if (s.do === 'abort') cancels[s.which % Math.max(1, cancels.length)]?.abort()
        else if (s.do === 'advance') await clock.advance(s.ms)
        else if (s.do === 'observe') gate.observe('a', { remaining: s.remaining, resetMs: s.ms })
        else {
          heldUntil = Math.max(heldUntil, clock.now() + s.ms)
          gate.hold('a', s.ms)
        }
        await settle()
      }
      // Given time and departures, everyone who did not give up gets in: no wake-up is lost.
      for (let round = 0; round < steps.length + 10; round += 1) {
        await clock.advance(6000)
        for (const out of inside.splice(0)) out()
        await settle()
      }
      expect(worstInFlight).toBeLessThanOrEqual(3)
      expect(enteredWhileHeld).toBe(0)
      expect(entered + turnedAway).toBe(cancels.length)
      expect(gate.state('a')).toEqual({ inFlight: 0, waiting: 0, opensInMs: 0 })
      expect(clock.sleeping()).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('without holds, places are given strictly in the order of arrival', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 60 }), async (arrivals) => {
      const { gate } = setup()
      const inside: (() => void)[] = []
      const order: number[] = []
      let arrived = 0
      for (const arrives of arrivals) {
        if (arrives) {
          const nth = arrived
          arrived += 1
          void gate.enter('a', { maxConcurrent: 2 }).then((entry) => {
            order.push(nth)
            if (entry.ok) inside.push(entry.leave)
          })
        } else inside.shift()?.()
        await settle()
      }
      expect(order).toEqual(order.toSorted((a, b) => a - b))
    }),
    { numRuns: 60 },
  )
})
