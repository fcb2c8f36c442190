import { expect, test } from 'vitest'
import type { Answer, Call } from './call.ts'
import { inboundLimit } from './inbound-limit.ts'

const call = (id: string) => ({ access: { server: { id } } }) as Call
const ok: Answer = { ok: true, records: [], quotas: [] }

test('inboundLimit() lets a burst through, then the rate, and refuses the rest at once with the time to wait', async () => {
  let now = 0
  const invoke = inboundLimit({ ratePerS: 10, burst: 5 }, () => now)(async () => ok)
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
