/** @module What callers are told when the limiter refuses, and what it learns from answers. */
import type { MethodOutcome, QuotaRule } from '@quartermaster/connectors'
import { fail, type Quota, rateLimitHeaders, rateLimitMeta } from '@quartermaster/protocol'
import { TestClock } from '@quartermaster/testing'
import { afterAll, expect, test } from 'vitest'
import { sampleAccount } from '../../test/store/samples.ts'
import { timerOf } from '../../test/timer.ts'
import { openStore } from '../store/open.ts'
import { quotaHolders } from './quota-holder.ts'
import { QuotaExhausted, quotaLimiter } from './quota-limiter.ts'

const store = await openStore()
afterAll(() => store.close())

const rules: QuotaRule[] = [
  { policy: 'short', counted: { limit: 20, windowS: 10 }, covers: (url) => !url.endsWith('/search') },
  { policy: 'daily', lowWaitS: 600, covers: () => true },
]
let ids = 0

function open(quotas: readonly QuotaRule[] = rules) {
  const clock = new TestClock()
  const account = sampleAccount({ id: `acc_${++ids}` })
  const limiter = quotaLimiter({
    store: store.quotaStates,
    catalog: new Map([['crm', { label: 'The CRM', quotas }]]),
    now: () => clock.now(),
    share: 0.9,
    newId: () => `b${++ids}`,
    onError: (error) => expect.unreachable(String(error)),
    timer: timerOf(clock),
  })
  const admit = (path = '/things') => limiter.admit(account, `https://crm.example${path}`)
  const recordQuotaHeaders = (outcome: MethodOutcome, path = '/things') =>
    limiter.recordQuotaHeaders(account, { url: `https://crm.example${path}`, at: clock.now() }, outcome)
  return { clock, account, admit, recordQuotaHeaders }
}

async function refusal(work: Promise<unknown>): Promise<QuotaExhausted> {
  const error = await work.catch((thrown: unknown) => thrown)
  if (!(error instanceof QuotaExhausted)) throw new Error('the call was not refused', { cause: error })
  return error
}

const good = (...quotas: Quota[]): MethodOutcome => ({ ok: true, records: [], quotas })
const limited = (retryAfterS: number, ...quotas: Quota[]): MethodOutcome => {
  return { ok: false, failure: fail('rate_limited', 'No more.', 'Wait.', { retryAfterS }), quotas }
}

test('admit() refuses in the words and numbers of every other 429, and says that it was this server', async () => {
  const { account, admit } = open()
  for (let n = 0; n < 18; n++) (await admit())()
  const { failure, quotas } = await refusal(admit())
  expect(failure).toMatchObject({ code: 'rate_limited', status: 429 })
  expect(failure.message).toMatch(
    /^429 Too Many Requests: the 18 calls to The CRM that agents may make in 10 s are used up/,
  )
  expect(failure.message).toMatch(`of ${account.id}). This server's shared budget refused the call; nothing was sent`)
  const waitS = failure.retry_after_s ?? 0
  expect([10, 11]).toContain(waitS)
  expect(rateLimitMeta(429, quotas, waitS)).toEqual({
    status: 429,
    limit: 18,
    remaining: 0,
    reset: waitS,
    retryAfterMs: waitS * 1_000,
    scope: 'short',
  })
  expect(rateLimitHeaders(quotas, waitS)).toEqual({
    'RateLimit-Limit': '18',
    'RateLimit-Remaining': '0',
    'RateLimit-Reset': String(waitS),
    'Retry-After': String(waitS),
    RateLimit: `"short";r=0;t=${waitS}`,
    'RateLimit-Policy': '"short";q=18;w=10',
  })
  // Requests that the quota does not cover go on.
  await admit('/search')
})

test("recordQuotaHeaders() cools down the quota that refused, for the time the system names, and not the account's other quotas", async () => {
  const { clock, admit, recordQuotaHeaders } = open()
  await recordQuotaHeaders(limited(7, { policy: 'short', limit: 20, remaining: 0 }))
  const { failure, quotas } = await refusal(admit())
  expect(failure).toMatchObject({ retry_after_s: 7, message: /The CRM has just refused a call.*nothing was sent/ })
  expect(quotas).toEqual([{ policy: 'short', limit: 18, remaining: 0, resetS: 7, windowS: 10 }])
  await admit('/search')
  await clock.advance(6_999)
  expect((await refusal(admit())).failure.retry_after_s).toBe(1)
  await clock.advance(1)
  await admit()
})

test('recordQuotaHeaders() cools down every quota of the request when the system does not name the one that refused', async () => {
  const { admit, recordQuotaHeaders } = open()
  await recordQuotaHeaders(limited(30), '/search')
  expect((await refusal(admit())).quotas).toMatchObject([{ policy: 'daily', remaining: 0, resetS: 30 }])
  expect((await refusal(admit('/search'))).failure.retry_after_s).toBe(30)
})

test("recordQuotaHeaders() leaves the last tenth of a long quota to the customer's other programs, then looks again", async () => {
  const { clock, admit, recordQuotaHeaders } = open()
  await recordQuotaHeaders(good({ policy: 'daily', limit: 1_000, remaining: 101 }))
  await admit()
  await recordQuotaHeaders(good({ policy: 'daily', limit: 1_000, remaining: 100 }))
  const { failure } = await refusal(admit())
  expect(failure).toMatchObject({ retry_after_s: 600, message: /kept for the customer's other programs/ })
  await clock.advance(600_000)
  await admit()
  await recordQuotaHeaders(good({ policy: 'daily', limit: 1_000, remaining: 90, resetS: 20 }))
  expect((await refusal(admit())).failure.retry_after_s).toBe(20)
})

test("recordQuotaHeaders() tells agents their part of each quota, also of one that the answer does not state, and keeps the system's order", async () => {
  const { admit, recordQuotaHeaders } = open()
  await admit()
  const daily = { policy: 'daily', limit: 1_000, remaining: 400, windowS: 86_400 }
  const ours = { ...daily, limit: 900, remaining: 300 }
  expect(await recordQuotaHeaders(good(daily))).toEqual([ours, { policy: 'short', limit: 18, windowS: 10 }])
  expect(await recordQuotaHeaders(good({ policy: 'short', limit: 20, remaining: 1 }, daily))).toEqual([
    { policy: 'short', limit: 18, remaining: 0 },
    ours,
  ])
  // The stated limit holds from then on, for requests that the quota covers.
  await recordQuotaHeaders(good({ policy: 'short', limit: 50, remaining: 49 }))
  for (let n = 0; n < 19; n++) (await admit())()
  expect(await recordQuotaHeaders(good())).toEqual([{ policy: 'short', limit: 45, windowS: 10 }])
  expect(await recordQuotaHeaders(good(), '/search')).toEqual([])
  // A quota that nobody here enforces is passed on as it is, as is everything of a system without rules.
  const bursts = { policy: 'bursts', limit: 7, remaining: 3 }
  expect(await open([{ policy: 'bursts', covers: () => true }]).recordQuotaHeaders(good(bursts))).toEqual([bursts])
  expect(await open([]).recordQuotaHeaders(good(daily))).toEqual([daily])
})

test('a system without quotas, and failures that are about something else, start no cooldown', async () => {
  const unlimited = open([])
  await unlimited.recordQuotaHeaders(limited(60))
  await unlimited.admit()
  const { admit, recordQuotaHeaders } = open()
  const failure = fail('upstream_unavailable', 'Gone.', 'Wait.', { retryAfterS: 60 })
  await recordQuotaHeaders({ ok: false, failure, quotas: [{ policy: 'short', limit: 20, remaining: 5 }] })
  await admit()
})

test('accounts of one organisation share its quotas, and those of another tenant or organisation do not', async () => {
  const clock = new TestClock()
  const now = () => clock.now()
  const orgs = new Map([
    ['acc_a', 'portal'],
    ['acc_b', 'portal'],
    ['acc_c', 'other'],
    ['acc_d', 'portal'],
  ])
  let asked = 0
  const holder = quotaHolders({
    now,
    async identity(id) {
      asked += 1
      const orgId = orgs.get(id)
      return orgId === undefined ? undefined : { orgId }
    },
  })
  const limiter = quotaLimiter({
    store: store.quotaStates,
    catalog: new Map([['crm', { label: 'The CRM', quotas: rules }]]),
    holder,
    now,
    share: 0.9,
    newId: () => `b${++ids}`,
    onError: (error) => expect.unreachable(String(error)),
    timer: timerOf(clock),
  })
  const admit = async (id: string, tenant = 'acme') =>
    (await limiter.admit(sampleAccount({ id, tenant }), 'https://crm.example/things'))()
  for (let n = 0; n < 9; n++) {
    await admit('acc_a')
    await admit('acc_b')
  }
  expect((await refusal(admit('acc_a'))).failure.code).toBe('rate_limited')
  expect((await refusal(admit('acc_b'))).failure.code).toBe('rate_limited')
  await admit('acc_c')
  await admit('acc_d', 'globex')
  await admit('acc_unknown')
  expect(asked).toBe(5)
})

test('quotaHolders() asks again after a while, and gives an account its own quota while the store is away', async () => {
  let at = 0
  let answer: () => { orgId: string } | undefined = () => {
    throw new Error('the store is away')
  }
  const holder = quotaHolders({ now: () => at, identity: async () => answer() })
  const account = sampleAccount({ id: 'acc_1', tenant: 'acme', system: 'crm' })
  expect(await holder(account)).toBe('acc_1')
  answer = () => ({ orgId: '7' })
  expect(await holder(account)).toBe('["acme","crm","7"]')
  answer = () => {
    throw new Error('the store is away')
  }
  at = 600_000
  expect(await holder(account)).toBe('["acme","crm","7"]')
})
