import { fail } from '@quartermaster/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alone } from '../../test/guards.ts'
import { sampleAccess, sampleMethod } from '../../test/sample-tools.ts'
import { newKey, parseKeyRing } from '../keys/key-ring.ts'
import { type FieldClass, nothingClassified } from '../policy/view.ts'
import { openStore, type Store } from '../store/open.ts'
import type { Answer, WriteCall } from './call.ts'
import { idempotency, MOST_REMEMBERED } from './idempotency.ts'

let store: Store
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

const create = sampleMethod({ kind: 'create', tool: { name: 'create_a_thing', title: 'T', description: 'D' } })
const made: Answer = { ok: true, records: [{ id: '7', email: 'jane@acme.com' }], quotas: [] }

function callOf(key: string | undefined, name = 'x'): WriteCall {
  const access = sampleAccess([create])
  const [tool] = access.tools
  if (!tool) throw new Error('there is no tool')
  const signal = new AbortController().signal
  const writeOptions = key === undefined ? {} : { idempotencyKey: key }
  return {
    requestId: 'req_1',
    access,
    toolName: tool.name,
    args: {},
    signal,
    tool,
    input: { args: { name } },
    writeOptions,
  }
}

function world(owner = 'me', dead: readonly string[] = []) {
  const ring = parseKeyRing(`${newKey(2)},${newKey(1)}`)
  const time = { now: 1_000_000 }
  const said = { classes: nothingClassified }
  let sent = 0
  const guard = (own = ring) =>
    idempotency({
      store: store.idempotencyKeys,
      ring: own,
      now: () => time.now,
      owner,
      isDead: async (other) => dead.includes(other),
      classification: () => ({ of: () => said.classes }),
    })
  const run = (call: WriteCall, answer: () => Promise<Answer> = async () => made, own = ring) =>
    alone(guard(own), () => {
      sent += 1
      return answer()
    })(call)
  return { run, time, ring, said, sent: () => sent }
}

test('idempotency() answers a repetition within 24 h with the first answer, and makes the write anew after that', async () => {
  const { run, time, sent } = world()
  await run(callOf('day'))
  time.now += 86_399_999
  expect(await run(callOf('day'))).toMatchObject({ ok: true, records: [{ id: '7' }], did: 'replayed' })
  expect(sent()).toBe(1)
  time.now += 1
  expect(await run(callOf('day'))).not.toHaveProperty('did')
  expect(sent()).toBe(2)
})

test('idempotency() tells the id only when what may be shown has changed, and makes no write again', async () => {
  const { run, said, sent } = world()
  await run(callOf('rules'))
  const classes = (...fields: readonly [string, FieldClass][]) => ({ fields: new Map(fields), custom: new Map() })
  said.classes = classes(['title', { piiClass: 'sensitive' }])
  expect(await run(callOf('rules'))).toMatchObject({
    records: [{ id: '7' }],
    notes: [/Only the id is told/, /Nothing was changed now/],
    did: 'replayed',
  })
  expect(JSON.stringify(await run(callOf('rules')))).not.toContain('jane@acme.com')
  said.classes = classes(['id', { piiClass: 'none', treatment: 'strip' }])
  expect(await run(callOf('rules'))).toMatchObject({ ok: true, records: [{}] })
  said.classes = nothingClassified
  expect(await run(callOf('rules'))).toMatchObject({ records: made.ok ? made.records : [] })
  expect(sent()).toBe(1)
})

test('idempotency() never guesses about a write whose process is gone or silent, and asks to wait for one under way', async () => {
  const { run, time, sent } = world('worker-1', ['worker-1'])
  await expect(run(callOf('crash'), () => Promise.reject(new Error('killed')))).rejects.toThrow('killed')
  expect(await run(callOf('crash'))).toMatchObject({ failure: { code: 'outcome_unknown' } })
  const living = world('worker-2')
  await expect(living.run(callOf('slow'), () => Promise.reject(new Error('hangs')))).rejects.toThrow('hangs')
  expect(await living.run(callOf('slow'))).toMatchObject({ failure: { code: 'in_progress', retry_after_s: 2 } })
  living.time.now += 15_001
  expect(await living.run(callOf('slow'))).toMatchObject({ failure: { code: 'outcome_unknown' } })
  expect([sent(), living.sent(), time.now]).toEqual([1, 1, 1_000_000])
})

test('idempotency() keeps an unknown outcome and forgets a refusal', async () => {
  const { run, sent } = world()
  const refusing = (code: 'outcome_unknown' | 'upstream_rejected') => async (): Promise<Answer> => ({
    ok: false,
    failure: fail(code, 'm', 'a'),
    quotas: [],
  })
  await run(callOf('unknown'), refusing('outcome_unknown'))
  expect(await run(callOf('unknown'))).toMatchObject({ failure: { code: 'outcome_unknown' } })
  await run(callOf('rejected'), refusing('upstream_rejected'))
  expect(await run(callOf('rejected'))).toMatchObject({ ok: true })
  expect(sent()).toBe(3)
})

test('idempotency() stores answers sealed and keys as digests, and says nothing it cannot open', async () => {
  const { run } = world()
  await run(callOf('secret-key-1', 'jane@acme.com'))
  const other = parseKeyRing(newKey(2))
  const answer = await run(callOf('secret-key-1', 'jane@acme.com'), async () => made, other)
  expect(answer).toMatchObject({ ok: false, failure: { code: 'idempotency_mismatch' } })
})

test('idempotency() leaves writes without a key alone unless they create, and those only for a minute', async () => {
  const { run, time, sent } = world()
  await run(callOf(undefined, 'auto'))
  time.now += 59_999
  expect(await run(callOf(undefined, 'auto'))).toMatchObject({ notes: [/60 s ago/] })
  expect(await run(callOf(undefined, 'another'))).not.toHaveProperty('did')
  time.now += 1
  expect(await run(callOf(undefined, 'auto'))).not.toHaveProperty('did')
  expect(sent()).toBe(3)
})

test('idempotency() makes no write that could not be remembered, and says when there is room again', async () => {
  const { run, time, sent } = world()
  await run(callOf('known'))
  const { server } = callOf(undefined).access
  const expiresAt = time.now + 90_000
  for (let n = 0; n < MOST_REMEMBERED; n++) {
    const own = { id: `full-${n}`, tenant: server.tenant, serverId: server.id, kid: 1, digest: '', owner: 'me' }
    await store.idempotencyKeys.begin({ ...own, startedAt: time.now, expiresAt }, MOST_REMEMBERED)
  }
  const full = { failure: { code: 'conflict', retry_after_s: expect.any(Number), message: /10000 writes of this URL/ } }
  expect(await run(callOf('one-more'))).toMatchObject(full)
  expect(await run(callOf(undefined, 'one-more'))).toMatchObject(full)
  expect(await run(callOf('known'))).toMatchObject({ ok: true, did: 'replayed' })
  expect(sent()).toBe(1)
  time.now = expiresAt
  expect(await run(callOf('one-more'))).not.toHaveProperty('did')
  expect(sent()).toBe(2)
})
