import { settle, TestClock } from '@quartermaster/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RateGate } from '../rate-gate.ts'
import type { GateStore } from './gate-store.ts'
import { emptyLeaseState, holdQuota, type LeaseState, leasePermits } from './lease-state.ts'

const LIMIT = 12
const WINDOW_MS = 1000
const quotas = [{ bucket: 'burst', limit: LIMIT, windowMs: WINDOW_MS }]

/** A store in memory whose answers come when the scheduler says so, and some never as answers but as faults. */
function slowStore(clock: TestClock, scheduler: fc.Scheduler, faults: Iterator<boolean>): GateStore {
  const states = new Map<string, LeaseState>()
  let ids = 0
  const answer = async <T>(work: () => T): Promise<T> => {
    await scheduler.schedule(Promise.resolve(), 'the store')
    if (faults.next().value === true) throw new Error('no store')
    return work()
  }
  const stateOf = (key: string) => states.get(key) ?? emptyLeaseState
  return {
    lease: (key, ask) =>
      answer(() => {
        ids += 1
        const { state, lease } = leasePermits(stateOf(key), ask, { now: clock.now(), id: String(ids) })
        states.set(key, state)
        return lease
      }),
    hold: (key, ms) => answer(() => void states.set(key, holdQuota(stateOf(key), ms, clock.now()))),
    heldMs: (key) => answer(() => Math.max(0, stateOf(key).heldUntil - clock.now())),
  }
}

interface Call {
  readonly process: number
  readonly abort: boolean
  readonly refusedForMs: number | undefined
}

/** Runs the calls to their end, in two processes that share the store, in an order that `scheduler` and `late` decide. */
async function play(
  scheduler: fc.Scheduler,
  calls: readonly Call[],
  faulty: readonly boolean[],
  late: readonly boolean[],
) {
  const clock = new TestClock()
  let nth = 0
  const faults: Iterator<boolean> = { next: () => ({ done: false, value: faulty[nth++ % faulty.length] ?? false }) }
  const store = slowStore(clock, scheduler, faults)
  const gates = [0, 1].map(() => new RateGate({ clock, random: () => 0, store }))
  const order: number[][] = [[], []]
  const entered: number[] = []
  let ended = 0
  const run = async ({ process, abort, refusedForMs }: Call, which: number) => {
    const gate = gates[process] as RateGate
    const cancel = new AbortController()
    if (abort) void scheduler.schedule(Promise.resolve(), `abort ${which}`).then(() => cancel.abort())
    const ticket = gate.ticket()
    const entry = await gate.enter('a', { tool: 'get', ticket, jitterMs: 0, maxConcurrent: 3, signal: cancel.signal })
    if (entry.ok) {
      expect(gate.state('a').inFlight).toBeLessThanOrEqual(3)
      order[process]?.push(ticket)
      const refused = refusedForMs !== undefined
      if (!refused) entered.push(clock.now())
      await scheduler.schedule(Promise.resolve(), `answer ${which}`)
      if (refused) gate.hold('a', refusedForMs, 'burst')
      entry.leave({ refused, answered: !refused, quotas: [{ ...quotas[0], bucket: 'burst' }] })
    }
    ended += 1
  }
  const runs = calls.map(run)
  for (let round = 0; round < 2000 && ended < calls.length; round += 1) {
    await settle()
    if (scheduler.count() > 0 && late[round % late.length] !== true) await scheduler.waitOne()
    else await clock.advance(late[round % late.length] === true ? 600 : 30)
  }
  expect(ended).toBe(calls.length)
  await Promise.all(runs)
  for (const tickets of order) expect(tickets).toEqual(tickets.toSorted((a, b) => a - b))
  for (const gate of gates) expect(gate.state('a')).toMatchObject({ inFlight: 0, waiting: 0 })
  while (scheduler.count() > 0) await scheduler.waitOne()
  return entered
}

const call = fc.record({
  process: fc.integer({ min: 0, max: 1 }),
  abort: fc.boolean(),
  refusedForMs: fc.option(fc.integer({ min: 0, max: 3000 }), { nil: undefined, freq: 5 }),
})
const some = (freq: number) =>
  fc.array(
    fc.integer({ min: 0, max: freq }).map((roll) => roll === 0),
    { minLength: 7, maxLength: 23 },
  )

test('with a shared store that is slow, late or broken at any moment: nobody is forgotten, and tickets are served in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(call, { minLength: 1, maxLength: 30 }),
      some(6),
      some(9),
      async (scheduler, calls, faulty, late) => {
        await play(scheduler, calls, faulty, late)
      },
    ),
    { numRuns: 30 },
  )
})

test('with a shared store that works, two processes never have more in a window than its limit', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 30, maxLength: 60 }),
      async (scheduler, processes) => {
        const calls = processes.map((process) => ({ process, abort: false, refusedForMs: undefined }))
        const entered = await play(scheduler, calls, [false], [false])
        expect(entered).toHaveLength(calls.length)
        for (const at of entered) {
          const inside = entered.filter((other) => other > at - WINDOW_MS && other <= at).length
          // Each process's first request goes before it knows of any limit.
          expect(inside).toBeLessThanOrEqual(LIMIT + 2)
        }
      },
    ),
    { numRuns: 20 },
  )
})
