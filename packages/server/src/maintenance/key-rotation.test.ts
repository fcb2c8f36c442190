import { expect, test } from 'vitest'
import { expiredAccount, type World } from '../../test/vault.ts'
import { sealVerifier } from '../connect/sealed-step.ts'
import { type KeyRing, newKey, parseKeyRing } from '../keys/key-ring.ts'
import { liveKeyRing } from '../keys/live-key-ring.ts'
import { newWebhookSecret, openSecret, sealSecret } from '../notify/webhook-secret.ts'
import { tokenSource } from '../vault/token-source.ts'
import { checkRing } from './check-ring.ts'
import { noteSealingKey, resealAll, reviewQuarantine, ringStatus, whyNeeded } from './key-rotation.ts'

const HOUR = 3_600_000
const pause = async () => {}

/** A world whose ring can be given as text, with eleven accounts and one endpoint. */
async function sealedWorld(): Promise<World & { second: string; both: KeyRing }> {
  const world = await expiredAccount()
  world.clock.at -= HOUR / 2
  for (let n = 0; n < 10; n++) await world.connect()
  const id = 'whe_0000000000000000'
  const endpoint = { id, tenant: 'acme', url: 'https://a.example/', createdAt: 0, disabledAt: undefined }
  await world.store.endpoints.insert(endpoint, sealSecret(world.ring, { tenant: 'acme', id }, newWebhookSecret()))
  await checkRing(world.ring, world.store)
  const second = newKey(2)
  return { ...world, second, both: parseKeyRing(`${second},${world.keys}`) }
}

test('resealAll() moves every secret to the sealing key, and then the old key is not needed to open anything', async () => {
  const world = await sealedWorld()
  const { store, both } = world
  expect(await resealAll(store, both, pause)).toEqual({ resealed: 12, unreadable: 0 })
  const alone = parseKeyRing(world.second)
  await checkRing(alone, store)
  expect(await ringStatus(store, alone)).toEqual({
    current: 2,
    keys: [{ kid: 2, inRing: true, rows: 12 }],
    unreadable: 0,
    quarantined: 0,
  })
  const found = await store.endpoints.find('whe_0000000000000000')
  expect(openSecret(alone, found!, found!.secret.sealed)).toMatch(/^whsec_/)
  expect(await resealAll(store, both, pause)).toEqual({ resealed: 0, unreadable: 0 })
})

test('a refresh that comes between reading and replacing wins', async () => {
  const world = await sealedWorld()
  const { store, both, clock } = world
  const rows = await store.reseal.grants('', 100, 2)
  clock.at += HOUR
  const deps = await world.process(async () => ({
    ok: true,
    answer: { accessToken: 'at-1', refreshToken: 'rt-1', expiresInS: 1800, scopes: undefined, kept: {} },
  }))
  await tokenSource(deps).token(world.account)
  const stale = rows.map((was) => ({ was, kid: 2, sealed: was.sealed }))
  expect(await store.reseal.replaceGrants(stale)).toBe(10)
  expect((await store.accounts.grant(world.account.id))?.kid).toBe(1)
  expect((await tokenSource({ ...deps, ring: both }).token(world.account)).value).toBe('at-1')
})

test('checkRing() refuses a ring without a key that is in use, and counts what it could not read', async () => {
  const world = await sealedWorld()
  await expect(checkRing(parseKeyRing(world.second), world.store)).rejects.toThrow(/12 of its 12 secrets/)
  await expect(checkRing(parseKeyRing(newKey(1)), world.store)).rejects.toThrow(/12 of its 12 secrets/)
  await expect(checkRing(world.both, world.store)).resolves.toBeUndefined()
})

test('whyNeeded() keeps a key while it seals, while rows need it, and while cursors that it has sealed live', async () => {
  const { store, both, clock } = await sealedWorld()
  expect(await whyNeeded(store, both, 2, clock.now())).toMatch(/it is the key that seals/)
  expect(await whyNeeded(store, both, 1, clock.now())).toMatch(/12 rows/)
  await resealAll(store, both, pause)
  expect(await whyNeeded(store, both, 1, clock.now())).toMatch(/not known since when/)
  await noteSealingKey(store, both, clock.now())
  expect(await whyNeeded(store, both, 1, clock.now() + HOUR)).toMatch(/cursors/)
  expect(await whyNeeded(store, both, 1, clock.now() + HOUR + 60_001)).toBeUndefined()
})

test('a process that does not know the new key yet reads the key file again, and without it breaks no account', async () => {
  const world = await sealedWorld()
  await resealAll(world.store, world.both, pause)
  const deps = await world.process(async () => Promise.reject(new Error('must not be asked')))
  let text = world.keys
  const faults: unknown[] = []
  const ring = liveKeyRing({ read: () => text, version: () => text }, (error) => faults.push(error))
  const tokens = tokenSource({ ...deps, ring })
  await expect(tokens.token(world.account)).rejects.toThrow(/a key that this process does not have/)
  expect((await world.store.accounts.find(world.account.id))?.status).toBe('active')
  text = 'nonsense'
  expect(ring.reload()).toBe(false)
  expect(faults).toHaveLength(1)
  text = `${world.second},${world.keys}`
  expect((await tokens.token(world.account)).value).toBe('at-0')
  expect(ring.sealing('x').kid).toBe(2)
})

test('reviewQuarantine() puts accounts to use again whose grant opens, and no others', async () => {
  const { store, ring, account } = await sealedWorld()
  await store.accounts.setStatus(account.id, 1, 'quarantined', 'grant_does_not_open')
  expect(await reviewQuarantine(store, parseKeyRing(newKey(1)))).toBe(0)
  expect(await reviewQuarantine(store, ring)).toBe(1)
  expect(await store.accounts.find(account.id)).toMatchObject({ status: 'active', reason: undefined })
})

test('whyNeeded() keeps a key while somebody is connecting with what it has sealed, and not longer', async () => {
  const world = await sealedWorld()
  const { store, both, clock } = world
  await noteSealingKey(store, both, clock.now() - 2 * HOUR)
  await resealAll(store, both, pause)
  expect(await whyNeeded(store, both, 1, clock.now())).toBeUndefined()
  const session = {
    id: 'cs_0000000000000001',
    tenant: 'acme',
    system: 'hubspot',
    accountId: undefined,
    label: undefined,
    scopes: [],
    returnUrl: undefined,
    status: 'open',
    reason: undefined,
    cookieHash: undefined,
    sealed: undefined,
    stepUntil: 0,
    createdAt: clock.now(),
    expiresAt: clock.now() + HOUR,
  } as const
  const { connectSessions } = store
  await connectSessions.insert(session, 'token', clock.now())
  expect(await whyNeeded(store, both, 1, clock.now())).toBeUndefined()
  const until = clock.now() + HOUR / 6
  const begun = { cookieHash: 'c', stateHash: 's', sealed: sealVerifier(world.ring, session, 'verifier'), until }
  expect(await connectSessions.begin(session.id, begun, clock.now())).toBe(true)
  // The control: what the new key has sealed does not keep the old one.
  const other = { ...session, id: 'cs_0000000000000002' }
  await connectSessions.insert(other, 'token-2', clock.now())
  const later = { ...begun, stateHash: 's-2', sealed: sealVerifier(both, other, 'verifier'), until: until + HOUR }
  await connectSessions.begin(other.id, later, clock.now())
  expect(await whyNeeded(store, both, 1, clock.now())).toBe(
    `1 people who are connecting need it until ${new Date(until).toISOString()}`,
  )
  expect(await whyNeeded(store, both, 1, until)).toBeUndefined()
})
