import { expect, test } from 'vitest'
import { alone } from '../../test/guards.ts'
import type { Answer, Call } from './call.ts'
import { type InboundLimit, inboundGate, inboundLimit } from './inbound-limit.ts'

const call = (id: string, tenant = 'acme') => ({ access: { server: { id, tenant } } }) as Call
const limited = (limit: InboundLimit, now: () => number, next: () => Promise<Answer>) =>
  alone(inboundLimit(inboundGate(limit, now)), next)
const ok: Answer = { ok: true, records: [], quotas: [] }

test('inboundLimit() lets a burst through, then the rate, and refuses the rest at once with the time to wait', async () => {
  let now = 0
  const invoke = limited(
    { ratePerS: 10, burst: 5 },
    () => now,
    async () => ok,
  )
  const passed = async (id: string, calls: number) => {
    const answers = await Promise.all(Array.from({ length: calls }, () => invoke(call(id))))
    return answers.filter((answer) => answer.ok).length
  }
  expect(await passed('a', 20)).toBe(5)
  expect(await passed('b', 3)).toBe(3)
  const refused = await invoke(call('a'))
  expect(refused).toMatchObject({
    ok: false,
    failure: { code: 'rate_limited', status: 429, retry_after_s: 1, message: /^429 Too Many Requests/ },
    quotas: [{ policy: 'inbound', remaining: 0 }],
  })
  now += 300
  expect(await passed('a', 20)).toBe(3)
  now += 60_000
  expect(await passed('a', 20)).toBe(5)
})

test('inboundLimit() bounds what the URLs of one tenant do together, and no other tenant feels it', async () => {
  let now = 0
  const limit = { ratePerS: 10, burst: 5, tenant: { ratePerS: 10, burst: 8 } }
  const invoke = limited(
    limit,
    () => now,
    async () => ok,
  )
  const answers = async (id: string, tenant: string) =>
    Promise.all(Array.from({ length: 5 }, () => invoke(call(id, tenant))))
  const passed = async (id: string, tenant: string) => (await answers(id, tenant)).filter((answer) => answer.ok).length
  expect([await passed('a', 'acme'), await passed('b', 'acme'), await passed('c', 'acme')]).toEqual([5, 3, 0])
  expect(await passed('d', 'other')).toBe(5)
  expect((await answers('e', 'acme'))[0]).toMatchObject({ failure: { code: 'rate_limited', retry_after_s: 1 } })
  now += 500
  // What was refused was not charged to the URL: c still has all of its burst, the tenant half a second of its own.
  expect(await passed('c', 'acme')).toBe(5)
})

test('inboundLimit() bounds how many calls are under way, and room is made by whatever ends one', async () => {
  const limit = { ratePerS: 1_000, burst: 1_000, atOnce: 2, tenant: { ratePerS: 1_000, burst: 1_000, atOnce: 3 } }
  const ends: ((how: 'ok' | 'thrown') => void)[] = []
  const invoke = limited(
    limit,
    () => 0,
    () =>
      new Promise((resolve, reject) => {
        ends.push((how) => (how === 'ok' ? resolve(ok) : reject(new Error('broken'))))
      }),
  )
  const [first, second] = [invoke(call('a')), invoke(call('a'))]
  expect(await invoke(call('a'))).toMatchObject({ failure: { status: 429, message: /2 calls at once/ } })
  const third = invoke(call('b'))
  expect(await invoke(call('b'))).toMatchObject({ failure: { message: /together may make 3 calls at once/ } })
  ends[0]?.('thrown')
  await expect(first).rejects.toThrow('broken')
  const fourth = invoke(call('b'))
  expect(await invoke(call('c'))).toMatchObject({ ok: false })
  for (const end of ends.slice(1)) end('ok')
  expect(await Promise.all([second, third, fourth])).toEqual([ok, ok, ok])
})

test('inboundGate() counts a call and whatever else enters together', async () => {
  const gate = inboundGate({ ratePerS: 10, burst: 2, atOnce: 1 }, () => 0)
  const server = { id: 'a', tenant: 'acme' }
  const entered = gate.enter(server)
  if ('refusal' in entered) throw new Error('the first must enter')
  const invoke = alone(inboundLimit(gate), async () => ok)
  expect(await invoke(call('a'))).toMatchObject({ failure: { message: /1 calls at once/ } })
  entered.leave()
  expect(await invoke(call('a'))).toEqual(ok)
  expect(gate.enter(server)).toMatchObject({ refusal: { failure: { code: 'rate_limited', retry_after_s: 1 } } })
})
