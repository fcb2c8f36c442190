import { randomBytes } from 'node:crypto'
import { FailureError } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { type Answer, expiredAccount, strictAuthority, type World } from '../../test/vault.ts'
import { connectAccount } from '../accounts/connect-account.ts'
import { thisHost } from '../entities/lease-owner.ts'
import type { TokenOutcome } from '../oauth/read-token-answer.ts'
import { UpstreamFault } from '../outbound/upstream.ts'
import { openGrant } from './grant.ts'
import { type TokenSource, tokenSource } from './token-source.ts'

const process = async (world: World, answer: Answer): Promise<TokenSource> => tokenSource(await world.process(answer))

test('token() refreshes once for 4 processes with 50 callers each, against an authority that punishes reuse', async () => {
  const world = await expiredAccount()
  const { state, answer } = strictAuthority()
  const processes = await Promise.all([1, 2, 3, 4].map(() => process(world, answer)))
  const tokens = await Promise.all(
    processes.flatMap((source) => Array.from({ length: 50 }, () => source.token(world.account))),
  )
  expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(['at-1']))
  expect(state).toMatchObject({ issued: 1, reuses: 0, revoked: false })
})

test('the same race without the vault loses the account: the authority of these tests can tell', async () => {
  const { state, answer } = strictAuthority()
  // The naive way: every caller that sees an expired token refreshes it.
  await Promise.all(Array.from({ length: 2 }, () => answer('rt-0')))
  expect(state).toMatchObject({ reuses: 1, revoked: true })
})

test('token() fetches a newer token when the system has refused the one at hand, once for all who were refused', async () => {
  const world = await expiredAccount()
  const { state, answer } = strictAuthority()
  const source = await process(world, answer)
  const first = await source.token(world.account)
  const again = await Promise.all(Array.from({ length: 20 }, () => source.token(world.account, first.ver)))
  expect(new Set(again.map(({ value }) => value))).toEqual(new Set(['at-2']))
  expect(state.issued).toBe(2)
})

test('a dead grant flips the account once, with a reason, and every later call fails at once', async () => {
  const world = await expiredAccount()
  let asked = 0
  const source = await process(world, async () => {
    asked += 1
    return { ok: false, means: 'dead' }
  })
  for (let i = 0; i < 3; i++) {
    const error = await source.token(world.account).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(FailureError)
    expect((error as FailureError).failure).toMatchObject({ code: 'needs_reauth', message: /revoked by the user/ })
  }
  expect(asked).toBe(1)
  expect(await world.store.accounts.find(world.account.id)).toMatchObject({ status: 'needs_reauth', reason: 'revoked' })
})

test('a refused client, a busy authority and a broken line leave the account active', async () => {
  const world = await expiredAccount()
  const faults: (() => Promise<TokenOutcome>)[] = [
    async () => ({ ok: false, means: 'operator' }),
    async () => ({ ok: false, means: 'transient', retryAfterS: 7 }),
    async () => Promise.reject(new UpstreamFault('timeout', true)),
    async () => Promise.reject(new UpstreamFault('unreachable', false)),
  ]
  for (const fault of faults) {
    const source = await process(world, fault)
    const error = await source.token(world.account).catch((cause: unknown) => cause)
    expect((error as FailureError).failure.code).toBe('upstream_unavailable')
    expect((await world.store.accounts.find(world.account.id))?.status).toBe('active')
  }
})

test('a grant that dies after an attempt of unknown outcome is labelled lost_rotation', async () => {
  const world = await expiredAccount()
  const lost = await process(world, async () => Promise.reject(new UpstreamFault('broken', true)))
  await lost.token(world.account).catch(() => undefined)
  world.clock.at += 1_000
  const dead = await process(world, async () => ({ ok: false, means: 'dead' }))
  await dead.token(world.account).catch(() => undefined)
  expect(await world.store.accounts.find(world.account.id)).toMatchObject({ reason: 'lost_rotation' })
})

test('contention is waited out, and the account survives it', async () => {
  const world = await expiredAccount()
  const { answer } = strictAuthority()
  let refusals = 3
  const source = await process(world, async (refreshToken) =>
    refusals-- > 0 ? { ok: false, means: 'contention' } : answer(refreshToken),
  )
  expect((await source.token(world.account)).value).toBe('at-1')
})

test('the lease of a process that is known to be dead is taken over without waiting for its end', async () => {
  const world = await expiredAccount()
  const { answer } = strictAuthority()
  // No process has this id: Linux allows at most 2^22.
  const dead = `${thisHost()}:4194304::${randomBytes(6).toString('hex')}`
  const startedAt = world.clock.now()
  await world.store.accounts.lease(world.account.id, 1, { owner: dead, until: startedAt + 10_000 }, startedAt)
  const source = await process(world, answer)
  expect((await source.token(world.account)).value).toBe('at-1')
  expect(world.clock.now() - startedAt).toBeLessThan(200)
})

test('while another process refreshes, a token that still works is served without waiting', async () => {
  const world = await expiredAccount()
  world.clock.at -= 30_000
  const startedAt = world.clock.now()
  const living = `elsewhere:1:1:${randomBytes(6).toString('hex')}`
  await world.store.accounts.lease(world.account.id, 1, { owner: living, until: startedAt + 10_000 }, startedAt)
  const source = await process(world, async () => Promise.reject(new Error('must not be asked')))
  expect((await source.token(world.account)).value).toBe('at-0')
  expect(world.clock.now()).toBe(startedAt)
})

test('a grant row that was moved to another account is quarantined, never served', async () => {
  const world = await expiredAccount()
  world.clock.at -= 1_000_000
  const other = await connectAccount(
    { store: world.store.accounts, ring: world.ring, now: world.clock.now, random: () => 0.5 },
    {
      tenant: 'globex',
      connector: { id: 'crm', label: 'CRM', api: { base: 'https://a.example', hosts: ['a.example'] } } as never,
      label: 'CRM',
      answer: { accessToken: 'at-foreign', refreshToken: undefined, expiresInS: 9_000, scopes: undefined, kept: {} },
    },
  )
  const stolen = await world.store.accounts.grant(world.account.id)
  expect(openGrant(world.ring, { tenant: 'globex', accountId: other.id }, stolen!)).toBeUndefined()
  await world.store.accounts.lease(other.id, 1, { owner: 'thief', until: world.clock.now() + 1 }, world.clock.now())
  await world.store.accounts.complete(other.id, 'thief', 1, {
    grant: stolen!,
    times: { expiresAt: world.clock.now() + 9e6, refreshAt: world.clock.now() + 9e6 },
  })
  const source = await process(world, async () => Promise.reject(new Error('must not be asked')))
  const error = await source.token(other).catch((cause: unknown) => cause)
  expect((error as FailureError).failure.message).toMatch(/does not open/)
  expect(await world.store.accounts.find(other.id)).toMatchObject({ status: 'quarantined' })
})

test('a living holder that is silent beyond the end of its lease keeps the account for 30 s, then it is free', async () => {
  const world = await expiredAccount()
  world.clock.at += 1_000
  const startedAt = world.clock.now()
  const living = `elsewhere:1:1:${randomBytes(6).toString('hex')}`
  await world.store.accounts.lease(world.account.id, 1, { owner: living, until: startedAt + 10_000 }, startedAt)
  const { answer } = strictAuthority()
  const source = await process(world, answer)
  let refused = 0
  for (;;) {
    const token = await source.token(world.account).catch((error: unknown) => error as FailureError)
    if ('value' in token) break
    expect(token.failure.code).toBe('upstream_unavailable')
    refused += 1
  }
  expect(refused).toBeGreaterThan(3)
  expect(world.clock.now() - startedAt).toBeGreaterThanOrEqual(40_000)
  expect(world.clock.now() - startedAt).toBeLessThan(41_000)
})
