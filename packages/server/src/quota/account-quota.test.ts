/** @module Several processes share one account's quotas through one real store, on a clock that tests move. */
import type { QuotaRule } from '@quartermaster/connectors'
import { settle, TestClock } from '@quartermaster/testing'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { timerOf } from '../../test/timer.ts'
import { openStore } from '../store/open.ts'
import type { QuotaStateStore } from '../store/quota-states.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import { type AccountQuota, type AccountQuotaDeps, accountQuota, type QuotaDenial } from './account-quota.ts'

const store = await openStore()
afterAll(() => store.close())

const minutely: QuotaRule = { policy: 'minutely', counted: { limit: 100, windowS: 60 }, covers: () => true }
const daily: QuotaRule = { policy: 'daily', lowWaitS: 600, covers: () => true }
let ids = 0

function counting(real: QuotaStateStore) {
  const asked = { reads: 0, writes: 0 }
  const counted: QuotaStateStore = {
    read(id) {
      asked.reads += 1
      return real.read(id)
    },
    write(id, seen, state) {
      asked.writes += 1
      return real.write(id, seen, state)
    },
  }
  return { asked, counted }
}

function crew(size: number, change: Partial<AccountQuotaDeps> = {}) {
  const clock = new TestClock()
  const { asked, counted } = counting(store.quotaStates)
  const account = `acc_${++ids}`
  const errors: unknown[] = []
  const deps: AccountQuotaDeps = {
    store: counted,
    now: () => clock.now(),
    share: 1,
    newId: () => `lease_${++ids}`,
    onError: (error) => errors.push(error),
    timer: timerOf(clock),
    ...change,
  }
  const processes = Array.from({ length: size }, () => accountQuota(account, deps))
  return { clock, asked, errors, account, processes, one: processes[0]!, other: processes.at(-1)! }
}

/** Asks once; a call that may be sent is over at once. */
async function ask(quota: AccountQuota, rules: readonly QuotaRule[] = [minutely]): Promise<QuotaDenial | undefined> {
  const answer = await quota.permit(rules)
  if (answer.why !== undefined) return answer
  answer.release()
  return undefined
}

/** How many of `calls` at once may be sent. */
async function sent(quota: AccountQuota, calls: number): Promise<number> {
  const answers = await Promise.all(Array.from({ length: calls }, () => ask(quota)))
  return answers.filter((answer) => answer === undefined).length
}

test('permit() admits the limit and no more, to all processes together, and says to the slot when it opens again', async () => {
  const { clock, processes, one } = crew(4)
  const admitted = await Promise.all(processes.map((quota) => sent(quota, 60)))
  expect(admitted.reduce((sum, n) => sum + n, 0)).toBe(100)
  const refused = await ask(one)
  expect(refused).toMatchObject({ why: 'used_up', limit: 100, windowMs: 60_000, rule: { policy: 'minutely' } })
  const waitMs = refused!.opensAt - clock.now()
  expect(waitMs).toBeGreaterThanOrEqual(60_000)
  expect(waitMs).toBeLessThanOrEqual(61_200)
  await clock.advance(waitMs - 1)
  expect(await sent(one, 1)).toBe(0)
  await clock.advance(1)
  expect(await sent(one, 1)).toBe(1)
})

test('permit() asks the store once for many calls, and not at all while it knows that nothing is free', async () => {
  const { clock, asked, one } = crew(1)
  expect(await sent(one, 100)).toBe(100)
  expect(asked.writes).toBeLessThanOrEqual(15)
  await sent(one, 1)
  const before = { ...asked }
  expect(await sent(one, 1_000)).toBe(0)
  expect(asked).toEqual(before)
  // What was remembered is asked for again now and then, because others may give back.
  await clock.advance(1_000)
  expect(await sent(one, 1_000)).toBe(0)
  expect(asked.reads - before.reads).toBeLessThanOrEqual(1)
})

test('unused permits of a process that works on come back with its next lease', async () => {
  const { clock, one, other } = crew(2)
  expect(await sent(one, 20)).toBe(20)
  expect(await sent(one, 1)).toBe(1)
  // Its second lease has more than one permit; at its end it reports that one was used.
  await clock.advance(7_500)
  expect(await sent(one, 1)).toBe(1)
  await clock.advance(7_500)
  await sent(one, 1)
  // 23 calls, and one permit that it still holds.
  expect(await sent(other, 100)).toBe(100 - 23 - 1)
})

test('close() returns the permits that are held, at once', async () => {
  const { one, other } = crew(2)
  expect(await sent(one, 21)).toBe(21)
  await one.close()
  expect(await sent(other, 100)).toBe(79)
})

test('a cooldown that one process starts stops the others with their next lease, and without a lease within a second', async () => {
  const { clock, one, other } = crew(2)
  expect(await ask(other)).toBeUndefined()
  expect(await ask(other, [daily])).toBeUndefined()
  const until = clock.now() + 30_000
  await one.startCooldown([minutely, daily], { until, why: 'refused' })
  expect(await ask(one)).toMatchObject({ why: 'refused', opensAt: until })
  expect(await ask(other)).toMatchObject({ why: 'refused', opensAt: until })
  await clock.advance(1_000)
  expect(await ask(other, [daily])).toMatchObject({ why: 'refused', opensAt: until })
  await clock.advance(29_000)
  expect([await ask(one), await ask(other)]).toEqual([undefined, undefined])
})

test('a shorter cooldown does not end a longer one', async () => {
  const { clock, one, other } = crew(2)
  const at = clock.now()
  await Promise.all([
    one.startCooldown([daily], { until: at + 9_000, why: 'reserve' }),
    other.startCooldown([daily], { until: at + 5_000, why: 'refused' }),
    one.startCooldown([daily], { until: at + 7_000, why: 'refused' }),
  ])
  await clock.advance(8_000)
  expect(await ask(one, [daily])).toMatchObject({ why: 'reserve', opensAt: at + 9_000 })
  expect(await ask(other, [daily])).toMatchObject({ why: 'reserve', opensAt: at + 9_000 })
})

test('what the system states wins over what is declared, in every process', async () => {
  const { clock, one, other } = crew(2, { share: 0.9 })
  expect(await sent(one, 1)).toBe(1)
  one.recordQuotaHeaders(minutely, {
    limit: 20,
    remaining: 19,
    windowMs: 10_000,
    sentAt: clock.now(),
    answeredAt: clock.now(),
  })
  expect(await sent(one, 100)).toBe(17)
  expect(await sent(other, 100)).toBe(0)
  expect(await ask(other)).toMatchObject({ limit: 18, windowMs: 10_000 })
})

test("calls of other programs are seen in the system's count and leave less for us", async () => {
  const { clock, one, other } = crew(2)
  expect(await sent(one, 1)).toBe(1)
  one.recordQuotaHeaders(minutely, { limit: 100, remaining: 39, sentAt: clock.now(), answeredAt: clock.now() })
  await clock.advance(100)
  const ours = (await sent(one, 100)) + (await sent(other, 100))
  expect(ours).toBe(39)
  // Our own calls are not taken for another program's.
  one.recordQuotaHeaders(minutely, { limit: 100, remaining: 0, sentAt: clock.now(), answeredAt: clock.now() })
  await clock.advance(62_000)
  expect((await sent(one, 100)) + (await sent(other, 100))).toBe(100)
})

test('a store that is away stops no call; what was sent meanwhile is counted when it is back', async () => {
  let away = true
  const real = store.quotaStates
  const unavailable = () => Promise.reject(new StoreUnavailable('Cannot use the database: its disk is full'))
  const { clock, errors, one, account } = crew(1, {
    store: {
      read: (id) => (away ? unavailable() : real.read(id)),
      write: (id, seen, state) => (away ? unavailable() : real.write(id, seen, state)),
    },
  })
  expect(await sent(one, 30)).toBe(30)
  expect(errors).toHaveLength(1)
  // A refusal of the system is known here even so.
  await one.startCooldown([minutely], { until: clock.now() + 2_000, why: 'refused' })
  expect(await sent(one, 1)).toBe(0)
  await clock.advance(2_000)
  away = false
  expect(await sent(one, 100)).toBe(70)
  expect(await real.read(account)).toBeDefined()
})

test('a store that does not answer is waited for two and a half seconds, then left alone for a second', async () => {
  const never = () => new Promise<never>(() => {})
  const { clock, errors, one } = crew(1, { store: { read: never, write: never } })
  const calls = sent(one, 10)
  await settle()
  expect(clock.sleeping()[0]).toBe(2_500)
  await clock.advance(2_500)
  expect(await calls).toBe(10)
  expect(errors).toHaveLength(1)
  expect(await sent(one, 10)).toBe(10)
})

test.each([
  ['a window that is half full', 1_200, 170],
  ['a window that is full to the brim, where permits come back one by one', 600, 700],
])('one process alone writes less often than it calls: %s', async (_, paceMs, most) => {
  const { clock, asked, one } = crew(1)
  for (let calls = 0; calls < 1_000; ) {
    if ((await ask(one)) === undefined) calls += 1
    await clock.advance(paceMs)
  }
  expect(asked.writes).toBeLessThanOrEqual(most)
})

test('no span of a window holds more calls than its limit, however the store accesses of processes interleave', async () => {
  const tight: QuotaRule = { policy: 'tight', counted: { limit: 12, windowS: 1 }, covers: () => true }
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(
        fc.record({
          process: fc.nat(2),
          wait: fc.nat(160),
          latency: fc.nat(1_000),
          calls: fc.integer({ min: 1, max: 9 }),
        }),
        {
          minLength: 15,
          maxLength: 30,
        },
      ),
      async (scheduler, steps) => {
        const real = store.quotaStates
        const { clock, processes } = crew(3, {
          store: {
            read: (id) => scheduler.schedule(Promise.resolve('read')).then(() => real.read(id)),
            write: (id, seen, state) =>
              scheduler.schedule(Promise.resolve('write')).then(() => real.write(id, seen, state)),
          },
          // No caller gives up here: a call without a permit would prove nothing.
          timer: { after: () => () => {} },
        })
        const calls: number[] = []
        const pending: Promise<void>[] = []
        for (const { process, wait, latency, calls: asked } of steps) {
          for (let n = 0; n < asked; n++) {
            const call = processes[process]!.permit([tight]).then(async (answer) => {
              if (answer.why !== undefined) return
              // The system counts it when it arrives, somewhere on the way to its answer.
              await clock.sleep(latency % 70)
              calls.push(clock.now())
              await clock.sleep(latency % 50)
              answer.release()
            })
            pending.push(call)
          }
          if (wait % 3 === 0 && scheduler.count() > 0) await scheduler.waitOne()
          await clock.advance(wait)
        }
        let open = true
        const all = Promise.all(pending).then(() => {
          open = false
        })
        while (open) {
          if (scheduler.count() > 0) await scheduler.waitOne()
          await clock.advance(10)
        }
        await all
        const most = Math.max(...calls.map((end) => calls.filter((at) => at <= end && at > end - 1_000).length))
        expect(most).toBeLessThanOrEqual(12)
        expect(most).toBeGreaterThan(0)
      },
    ),
    { numRuns: 60 },
  )
})
