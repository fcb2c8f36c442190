import { expect, test } from 'vitest'
import { expiredAccount, type Process } from '../../test/vault.ts'
import { newLeaseOwner } from '../entities/lease-owner.ts'
import { refreshScheduler, type SchedulerOptions } from './scheduler.ts'

const DAY = 86_400_000
const ok = (n: number) => ({
  ok: true as const,
  answer: { accessToken: `at-${n}`, refreshToken: `rt-${n}`, expiresInS: 1800, scopes: undefined, kept: {} },
})

function scheduler(deps: Process, options: Partial<SchedulerOptions> = {}) {
  return refreshScheduler({
    deps,
    systems: () => [{ system: 'crm', circuit: 'crm|c' }],
    onError: (_, error) => {
      throw error
    },
    ...options,
  })
}

test('tick() has at most as many refreshes under way as a system and a process may, and takes up the rest after', async () => {
  const world = await expiredAccount()
  for (let i = 0; i < 11; i++) await world.connect()
  world.clock.at += 1_800_001
  let underway = 0
  let peak = 0
  let asked = 0
  const waiting: (() => void)[] = []
  const deps = await world.process(async () => {
    peak = Math.max(peak, ++underway)
    await new Promise<void>((resolve) => waiting.push(resolve))
    underway -= 1
    return ok(++asked)
  })
  const worker = scheduler(deps, { maxInFlight: 5, maxPerSystem: 4 })
  while (asked < 12) {
    await worker.tick()
    await new Promise((resolve) => setImmediate(resolve))
    for (const go of waiting.splice(0)) go()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await worker.stop()
  expect({ peak, asked }).toEqual({ peak: 4, asked: 12 })
})

test('two schedulers never take up the same account', async () => {
  const world = await expiredAccount()
  for (let i = 0; i < 19; i++) await world.connect()
  world.clock.at += 1_800_001
  let asked = 0
  const one = await world.process(async () => ok(++asked))
  const workers = [scheduler(one), scheduler({ ...one, owner: newLeaseOwner() })]
  for (let taken = 1; taken > 0 || asked < 20; ) {
    taken = (await Promise.all(workers.map((worker) => worker.tick()))).reduce((sum, count) => sum + count)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(workers.map((worker) => worker.stop()))
  expect(asked).toBe(20)
})

test('an account that is not used is left alone until its refresh token would be forgotten', async () => {
  const world = await expiredAccount()
  let asked = 0
  const deps = await world.process(async () => ok(++asked))
  const days: number[] = []
  for (let day = 0; day < 75; day++) {
    const worker = scheduler(deps)
    const before = asked
    await worker.tick()
    await worker.stop()
    if (asked > before) days.push(day)
    world.clock.at += DAY
  }
  // For a month it is refreshed as often as it expires, then only to keep the refresh token from lying idle.
  expect(days.slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, day) => day))
  expect(days.slice(30)).toEqual([50, 71])
})

test('a failing system is asked less and less often, and again every minute at the least', async () => {
  const world = await expiredAccount()
  const times: number[] = []
  const startedAt = world.clock.now()
  const deps = await world.process(async () => {
    times.push(world.clock.now() - startedAt)
    return { ok: false, means: 'transient' }
  })
  const worker = scheduler(deps)
  while (world.clock.now() - startedAt < 300_000) {
    await worker.tick()
    await new Promise((resolve) => setImmediate(resolve))
    world.clock.at += 500
  }
  await worker.stop()
  const waits = times.slice(1).map((at, index) => Math.round((at - (times[index] ?? 0)) / 1_000))
  expect(waits).toEqual([5, 10, 20, 40, 60, 60, 60])
})

test('stop() waits for what is under way and takes up nothing more', async () => {
  const world = await expiredAccount()
  let finish = () => {}
  const deps = await world.process(async () => {
    await new Promise<void>((resolve) => {
      finish = resolve
    })
    return ok(1)
  })
  const worker = scheduler(deps)
  await worker.tick()
  let stopped = false
  const stopping = worker.stop().then(() => {
    stopped = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(stopped).toBe(false)
  finish()
  await stopping
  expect((await world.store.accounts.state(world.account.id))?.ver).toBe(2)
  world.clock.at += DAY
  expect(await worker.tick()).toBe(0)
})
