import { roles } from '@quartermaster/toolsets'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, openHouse } from '../house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse({ quotaShare: false })
  // These tests ask faster than five searches a second; the last one is about that.
  house.control('hubspot').setWindow('search', { limit: 1000 })
})
afterAll(() => house.close())

interface Groups {
  readonly result: readonly { readonly count: number; readonly is_other?: boolean; readonly amount_sum?: number }[]
  readonly covered?: number
  readonly total?: number
  readonly complete?: boolean
  readonly notes?: readonly string[]
}
const total = ({ result }: Groups) => result.reduce((sum, { count }) => sum + count, 0)

describe.each([
  ['hubspot', 'summarize_hub_spot_opportunities', 'get_many_hub_spot_contacts'],
  ['salesforce', 'summarize_salesforce_opportunities', 'get_many_salesforce_contacts'],
])('%s', (system, summarize, getMany) => {
  const ask = async (url: string, args: object) => (await house.call(url, summarize, args)).value as unknown as Groups

  test('one call answers a pipeline question, without a record', async () => {
    const { url } = await house.issue(system, roles.analytics.spec)
    const answer = await ask(url, { group_by: 'stage_id' })
    expect(answer).toMatchObject({ covered: 220, total: 220, complete: true, result_count: 7, next_cursor: null })
    expect(total(answer)).toBe(220)
    expect(Object.keys(answer.result[0] ?? {}).sort()).toEqual(['amount_avg', 'amount_sum', 'count', 'stage_id'])
  })

  test('small groups are one for who may not see everything, and stay apart for who may', async () => {
    const [redacted, full] = await Promise.all([
      house.issue(system, roles.analytics.spec),
      house.issue(system, { methods: ['read'], pii: 'full' }),
    ])
    const args = { group_by: 'close_month', status: 'open' }
    const [hidden, seen] = await Promise.all([ask(redacted.url, args), ask(full.url, args)])
    expect(seen.result.some(({ count }) => count < 5)).toBe(true)
    expect(hidden.result.every(({ count }) => count >= 5)).toBe(true)
    expect(hidden.result.filter((group) => group.is_other)).toHaveLength(1)
    expect(total(hidden)).toBe(total(seen))
    const few = { group_by: 'stage_id', amount_min: 499_000 }
    expect(total(await ask(full.url, few))).toBeLessThan(5)
    const silent = await ask(redacted.url, few)
    expect(silent).toMatchObject({ result: [], result_count: 0, notes: [expect.stringContaining('too few')] })
    expect(silent.covered).toBeUndefined()
  })

  test('a batch read tells the ids that nobody has, and takes a list in any form', async () => {
    const { url } = await house.issue(system, { methods: ['read'], pii: 'full' })
    const list = getMany.replace('get_many', 'list_all')
    const { result } = (await house.call(url, list, { limit: '3' })).value as unknown as {
      result: readonly { id: string }[]
    }
    const ids = result.map(({ id }) => id)
    const gone = system === 'hubspot' ? '987654321' : `${(ids[0] ?? '').slice(0, 11)}ZZZZ`
    for (const given of [[...ids, gone], [...ids, gone].join(', '), JSON.stringify([...ids, gone])]) {
      const { value } = await house.call(url, getMany, { ids: given })
      expect(value).toMatchObject({ result_count: 3, missing_ids: [gone] })
    }
    const { answer, value } = await house.call(url, getMany, { ids: [{ id: 1 }] })
    expect(answer.body.result?.isError).toBe(true)
    expect(JSON.stringify(value)).toContain('must be a list of texts')
  })
})

test('a quota that ends the counting leaves a part, and says so', async () => {
  const own = await openHouse({ quotaShare: false })
  try {
    own.control('hubspot').setWindow('search', { limit: 1 })
    const { url } = await own.issue('hubspot', roles.analytics.spec)
    const { value } = await own.call(url, 'summarize_hub_spot_opportunities', { group_by: 'status' })
    expect(value).toMatchObject({ covered: 200, total: 220, complete: false })
  } finally {
    await own.close()
  }
})
