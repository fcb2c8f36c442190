import type { FailureError } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { expiredAccount, type Process, strictAuthority } from '../../test/vault.ts'
import type { TokenAnswer, TokenOutcome } from '../oauth/read-token-answer.ts'
import { UpstreamFault } from '../outbound/upstream.ts'
import { attemptRefresh } from './refresh-attempt.ts'
import { refreshScheduler } from './scheduler.ts'
import { tokenSource } from './token-source.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const dead: TokenOutcome = { ok: false, means: 'dead', reason: 'revoked' }
const lostReply = async (): Promise<never> => Promise.reject(new UpstreamFault('timeout', true))
const answered = (change: Partial<TokenAnswer> = {}): TokenOutcome => ({
  ok: true,
  answer: { accessToken: 'at-1', refreshToken: 'rt-1', expiresInS: 1800, scopes: undefined, kept: {}, ...change },
})

/** One pass of the scheduler, with everything it began. */
async function pass(deps: Process): Promise<number> {
  const scheduler = refreshScheduler({
    deps,
    systems: () => [{ system: 'crm', circuit: 'crm|c' }],
    onError: (_, error) => {
      throw error
    },
  })
  const taken = await scheduler.tick()
  await scheduler.stop()
  return taken
}

test('a refused refresh token is only suspect while the access token works, and is confirmed a minute later', async () => {
  const world = await expiredAccount()
  world.clock.at -= 2 * MINUTE
  const deps = await world.process(async () => dead)
  expect(await pass(deps)).toBe(1)
  expect(deps.events.map(({ outcome }) => outcome)).toEqual(['suspect'])
  expect(await world.store.accounts.find(world.account.id)).toMatchObject({ status: 'active' })
  // Callers keep the access token that works, and nobody asks before the minute is over.
  expect(await tokenSource(deps).token(world.account)).toMatchObject({ value: 'at-0' })
  expect(await pass(deps)).toBe(0)

  world.clock.at += 66_000
  expect(await pass(deps)).toBe(1)
  expect(await world.store.accounts.find(world.account.id)).toMatchObject({ status: 'needs_reauth', reason: 'revoked' })
})

test('a suspect grant that works again a minute later costs nothing', async () => {
  const world = await expiredAccount()
  world.clock.at -= 2 * MINUTE
  const outcomes = [dead, answered()]
  const deps = await world.process(async () => outcomes.shift() ?? dead)
  await pass(deps)
  world.clock.at += 66_000
  await pass(deps)
  expect(deps.events.map(({ outcome }) => outcome)).toEqual(['suspect', 'refreshed'])
  expect(await world.store.accounts.state(world.account.id)).toMatchObject({ suspectAt: 0, ver: 2 })
  expect(await world.store.outbox.events(world.account.id)).toEqual([])
})

test('a suspect grant is dead as soon as its access token is refused, too', async () => {
  const world = await expiredAccount()
  world.clock.at -= 2 * MINUTE
  const deps = await world.process(async () => dead)
  await pass(deps)
  const refused = await tokenSource(deps)
    .token(world.account, 1)
    .catch((error: unknown) => error)
  expect((refused as FailureError).failure.code).toBe('needs_reauth')
})

test('after a lost reply the old access token is used up before the refresh token is sent once more', async () => {
  const world = await expiredAccount()
  world.clock.at -= 2 * MINUTE
  const sent: string[] = []
  const deps = await world.process(async (refreshToken) => {
    sent.push(refreshToken)
    return sent.length === 1 ? lostReply() : answered()
  })
  await pass(deps)
  expect(await tokenSource(deps).token(world.account)).toMatchObject({ value: 'at-0' })
  world.clock.at += MINUTE
  expect(await pass(deps)).toBe(0)
  expect(sent).toEqual(['rt-0'])
  world.clock.at += MINUTE
  expect(await pass(deps)).toBe(1)
  expect(sent).toEqual(['rt-0', 'rt-0'])
  expect(await tokenSource(deps).token(world.account)).toMatchObject({ value: 'at-1', ver: 2 })
})

test('an authority that forgives a repeated refresh token is asked again at once, inside its grace', async () => {
  const world = await expiredAccount()
  world.clock.at -= 2 * MINUTE
  let asked = 0
  const deps = await world.process(async () => (++asked === 1 ? lostReply() : answered()), { graceMs: 30_000 })
  await pass(deps)
  world.clock.at += 1_000
  await pass(deps)
  expect(deps.events.map(({ outcome }) => outcome)).toEqual(['unknown', 'refreshed'])
})

test('an attempt that a crash cut short is not repeated while the access token works', async () => {
  const world = await expiredAccount()
  world.clock.at -= 2 * MINUTE
  const startedAt = world.clock.now()
  await world.store.accounts.lease(world.account.id, 1, { owner: 'gone', until: startedAt + 10_000 }, startedAt)
  const deps = await world.process(strictAuthority().answer)
  // Its holder cannot be looked at from here, so it is waited for beyond the lease's end.
  world.clock.at += 10_001
  expect(await pass(deps)).toBe(0)
  world.clock.at += 30_000
  expect(await pass(deps)).toBe(1)
  expect(deps.events).toEqual([])
  expect(await world.store.accounts.state(world.account.id)).toMatchObject({ attempts: 1, leaseOwner: undefined })
  world.clock.at += 2 * MINUTE
  await pass(deps)
  expect(deps.events.map(({ outcome }) => outcome)).toEqual(['refreshed'])
})

test('a grant that comes back to life is found by the probe, and its tenant is told once each way', async () => {
  const world = await expiredAccount()
  let alive = false
  let asked = 0
  const deps = await world.process(async () => {
    asked += 1
    return alive ? answered() : dead
  })
  await pass(deps)
  expect(await world.store.accounts.find(world.account.id)).toMatchObject({ status: 'needs_reauth' })
  world.clock.at += 0.5 * HOUR
  expect(await pass(deps)).toBe(0)
  world.clock.at += HOUR
  expect(await pass(deps)).toBe(1)
  world.clock.at += 12 * HOUR
  expect(await pass(deps)).toBe(0)
  alive = true
  world.clock.at += 15 * HOUR
  expect(await pass(deps)).toBe(1)
  expect(asked).toBe(3)
  expect(await world.store.accounts.find(world.account.id)).toMatchObject({ status: 'active', reason: undefined })
  expect(await world.store.outbox.events(world.account.id)).toMatchObject([
    { kind: 'account.needs_reauth', epoch: 1 },
    { kind: 'account.recovered', epoch: 1 },
  ])
})

test('a refresh may move the account to another host of its system, never to a foreign one', async () => {
  const world = await expiredAccount()
  const hosts = ['https://b.example', 'https://evil.example']
  const deps = await world.process(async () => answered({ kept: { instance_url: hosts.shift() ?? '' } }), {
    apiBase: ({ instance_url: named }) => (named === 'https://b.example' ? named : undefined),
  })
  const tokens = tokenSource(deps)
  expect(await tokens.token(world.account)).toMatchObject({ apiBase: 'https://b.example' })
  expect(await tokens.token(world.account, 2)).toMatchObject({ apiBase: 'https://b.example', ver: 3 })
  expect(deps.events.map(({ changed }) => changed)).toEqual([['api_base'], ['foreign_host']])
})

test('scopes that shrank with a refresh are stored and reported', async () => {
  const world = await expiredAccount()
  const deps = await world.process(async () => answered({ scopes: ['read'] }))
  await tokenSource(deps).token(world.account)
  expect(await world.store.accounts.find(world.account.id)).toMatchObject({ scopes: ['read'] })
  expect(deps.events).toMatchObject([{ outcome: 'refreshed', changed: ['scopes'] }])
})

test('a refused client stops every refresh at its system and flips no account; one probe tells when it is mended', async () => {
  const world = await expiredAccount()
  const others = await Promise.all([1, 2, 3, 4].map(() => world.connect('acme')))
  world.clock.at += HOUR
  let mended = false
  let asked = 0
  const deps = await world.process(async () => {
    asked += 1
    return mended ? answered() : { ok: false, means: 'operator' }
  })
  const tokens = tokenSource(deps)
  for (const account of [world.account, ...others]) {
    const error = await tokens.token(account).catch((cause: unknown) => cause)
    expect((error as FailureError).failure).toMatchObject({ code: 'upstream_unavailable' })
  }
  expect(asked).toBe(1)
  expect(await pass(deps)).toBe(0)
  world.clock.at += 61_000
  expect(await pass(deps)).toBe(1)
  expect(asked).toBe(2)

  mended = true
  world.clock.at += 121_000
  expect(await pass(deps)).toBe(1)
  world.clock.at += 10 * MINUTE
  expect(await pass(deps)).toBe(4)
  expect((await world.store.accounts.list('acme')).map(({ status }) => status)).toEqual(Array(5).fill('active'))
})

test('a process that has slept on its lease gives it back, or leaves it when it may be another one by now', async () => {
  for (const [sleptMs, leaseOwner] of [
    [2_001, undefined],
    [39_999, undefined],
    [40_001, 'somebody'],
  ] as const) {
    const world = await expiredAccount()
    const deps = await world.process(async () => Promise.reject(new Error('must not be asked')))
    const { grant } = deps.store
    const slow = async (id: string) => {
      world.clock.at += sleptMs
      if (leaseOwner !== undefined) {
        const now = world.clock.now()
        const lease = { owner: deps.owner, until: now + 10_000, takeoverDelayMs: 30_000 }
        expect(await deps.store.lease(id, 1, lease, now)).toBe(2)
      }
      return grant(id)
    }
    const seen = await deps.store.state(world.account.id)
    const attempt = await attemptRefresh({ ...deps, store: { ...deps.store, grant: slow } }, seen!)
    expect(attempt).toEqual({ outcome: 'taken' })
    const after = await deps.store.state(world.account.id)
    expect(after?.leaseOwner).toBe(leaseOwner === undefined ? undefined : deps.owner)
  }
})

test('a date that is set back while a process sleeps on its lease does not make it send', async () => {
  const world = await expiredAccount()
  let elapsed = 0
  const deps = await world.process(async () => Promise.reject(new Error('must not be asked')))
  const slow = async (id: string) => {
    elapsed += 15_000
    world.clock.at -= 60_000
    return deps.store.grant(id)
  }
  const clock = { ...world.clock, now: world.clock.now, monotonic: () => elapsed }
  const seen = await deps.store.state(world.account.id)
  const attempt = await attemptRefresh({ ...deps, clock, store: { ...deps.store, grant: slow } }, seen!)
  expect(attempt).toEqual({ outcome: 'taken' })
})
