import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { roles } from '@quartermaster/toolsets'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed({ quotaShare: false })
  // These tests ask faster than five searches a second; the last one is about that.
  testbed.control('hubspot').setWindow('search', { limit: 1000 })
})
afterAll(() => testbed.close())

interface Groups {
  readonly result: readonly {
    readonly count: number
    readonly is_other?: boolean
    readonly amount_sum?: number
    readonly owner_id?: string
    readonly close_month?: string
  }[]
  readonly covered?: number
  readonly total?: number
  readonly complete?: boolean
  readonly notes?: readonly string[]
}
const total = ({ result }: Groups) => result.reduce((sum, { count }) => sum + count, 0)

/**
 * Plays who subtracts one answer from another: a bound that slides over amounts and days, and an owner's deals from all.
 * `thin` has what the pairs tell of one to four deals, `single` counts those about one.
 */
async function differences(ask: (args: Record<string, string | number>) => Promise<Groups>) {
  const whole = (answer: Groups) => ({
    count: total(answer),
    sum: answer.result.reduce((sum, { amount_sum = 0 }) => sum + amount_sum, 0),
  })
  const thin: { readonly count: number; readonly sum: number }[] = []
  const subtract = (some: ReturnType<typeof whole>, more: ReturnType<typeof whole>) => {
    const [count, sum] = [Math.abs(more.count - some.count), Math.abs(more.sum - some.sum)]
    if (some.count > 0 && more.count > 0 && count > 0 && count < 5) thin.push({ count, sum })
  }
  const slides = [
    Array.from({ length: 30 }, (_, step) => ({ amount_max: 60_000 + step * 1_009 })),
    Array.from({ length: 30 }, (_, step) => ({
      close_date_to: new Date(Date.UTC(2026, 8, 1 + step)).toISOString().slice(0, 10),
    })),
  ]
  for (const questions of slides) {
    let last: ReturnType<typeof whole> | undefined
    for (const args of questions) {
      const answer = whole(await ask({ group_by: 'status', ...args }))
      if (last) subtract(last, answer)
      last = answer
    }
  }
  const byOwner = await ask({ group_by: 'owner_id', status: 'won' })
  const rest = byOwner.result.find((group) => group.is_other)
  for (const { owner_id: owner } of byOwner.result) {
    if (owner === undefined) continue
    const own = whole(await ask({ group_by: 'status', status: 'won', owner_id: owner }))
    // What "other" holds beside an owner who was merged into it, and what all hold beside one owner.
    for (const more of [rest && whole({ result: [rest] }), whole(byOwner)]) if (more) subtract(own, more)
  }
  return { single: thin.filter(({ count }) => count === 1).length, thin }
}

describe.each([
  ['hubspot', 'summarize_hub_spot_opportunities', 'get_many_hub_spot_contacts'],
  ['salesforce', 'summarize_salesforce_opportunities', 'get_many_salesforce_contacts'],
])('%s', (system, summarize, getMany) => {
  const ask = async (url: string, args: object) => (await testbed.call(url, summarize, args)).value as unknown as Groups

  test('one call answers a pipeline question, without a record', async () => {
    const { url } = await testbed.issue(system, roles.analytics.spec)
    const answer = await ask(url, { group_by: 'stage_id' })
    expect(answer).toMatchObject({ covered: 220, total: 220, complete: true, result_count: 7, next_cursor: null })
    expect(total(answer)).toBe(220)
    expect(Object.keys(answer.result[0] ?? {}).sort()).toEqual(['amount_avg', 'amount_sum', 'count', 'stage_id'])
  })

  test('small groups are one for who may not see everything, and stay apart for who may', async () => {
    const [redacted, full] = await Promise.all([
      testbed.issue(system, roles.analytics.spec),
      testbed.issue(system, { methods: ['read'], pii: 'full' }),
    ])
    const args = { group_by: 'close_month', status: 'open' }
    const [hidden, seen] = await Promise.all([ask(redacted.url, args), ask(full.url, args)])
    expect(seen.result.some(({ count }) => count < 5)).toBe(true)
    expect(hidden.result.every(({ count }) => count >= 5)).toBe(true)
    expect(hidden.result.filter((group) => group.is_other)).toHaveLength(1)
    // A filtered answer is told to about five records a group.
    expect(Math.abs(total(hidden) - total(seen))).toBeLessThanOrEqual(2.5 * hidden.result.length)
    expect(hidden.result.every(({ count }) => count % 5 === 0)).toBe(true)
  })

  test('one to four deals and none look the same', async () => {
    const [redacted, full] = await Promise.all([
      testbed.issue(system, roles.analytics.spec),
      testbed.issue(system, { methods: ['read'], pii: 'full' }),
    ])
    const within = (month: string) => {
      const [year = 0, nth = 0] = month.split('-').map(Number)
      const last = new Date(Date.UTC(year, nth, 0)).toISOString().slice(0, 10)
      return { group_by: 'stage_id', close_date_from: `${month}-01`, close_date_to: last }
    }
    const months = await ask(full.url, { group_by: 'close_month' })
    const few = within(months.result.find(({ count }) => count < 5)?.close_month ?? '')
    const none = within('2001-01')
    const [some, nothing] = [await ask(full.url, few), await ask(full.url, none)]
    expect(total(some)).toBeGreaterThan(0)
    expect(total(some)).toBeLessThan(5)
    expect(nothing).toMatchObject({ covered: 0, total: 0 })
    const silent = await ask(redacted.url, few)
    expect(silent).toMatchObject({
      result: [],
      result_count: 0,
      notes: [expect.stringContaining('too few'), expect.any(String)],
    })
    expect(silent.covered).toBeUndefined()
    expect(silent).toEqual(await ask(redacted.url, none))
  })

  test('two questions that differ by a little isolate no deal, and do for who may see them', async () => {
    const [redacted, full] = await Promise.all([
      testbed.issue(system, { methods: ['aggregate'], pii: 'strip' }),
      testbed.issue(system, { methods: ['read'], pii: 'full' }),
    ])
    const found = await differences((args) => ask(full.url, args))
    // The control: with exact figures the same questions tell single deals and what they are worth.
    expect(found.single).toBeGreaterThan(10)
    expect(found.thin.length).toBeGreaterThan(found.single)
    expect(await differences((args) => ask(redacted.url, args))).toEqual({ single: 0, thin: [] })
  })

  test('a batch read tells the ids that nobody has, and takes a list in any form', async () => {
    const { url } = await testbed.issue(system, { methods: ['read'], pii: 'full' })
    const list = getMany.replace('get_many', 'list_all')
    const { result } = (await testbed.call(url, list, { limit: '3' })).value as unknown as {
      result: readonly { id: string }[]
    }
    const ids = result.map(({ id }) => id)
    const gone = system === 'hubspot' ? '987654321' : `${(ids[0] ?? '').slice(0, 11)}ZZZZ`
    for (const given of [[...ids, gone], [...ids, gone].join(', '), JSON.stringify([...ids, gone])]) {
      const { value } = await testbed.call(url, getMany, { ids: given })
      expect(value).toMatchObject({ result_count: 3, missing_ids: [gone] })
    }
    const { answer, value } = await testbed.call(url, getMany, { ids: [{ id: 1 }] })
    expect(answer.body.result?.isError).toBe(true)
    expect(JSON.stringify(value)).toContain('must be a list of texts')
  })
})

test('a quota that ends the counting leaves a part, and says so', async () => {
  const own = await openTestbed({ quotaShare: false })
  try {
    own.control('hubspot').setWindow('search', { limit: 1 })
    const { url } = await own.issue('hubspot', roles.analytics.spec)
    const { value } = await own.call(url, 'summarize_hub_spot_opportunities', { group_by: 'status' })
    expect(value).toMatchObject({ covered: 200, total: 220, complete: false })
  } finally {
    await own.close()
  }
})
