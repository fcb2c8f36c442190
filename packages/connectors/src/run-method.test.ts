import { fail } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import type { MethodInput, MethodOutcome } from './contract.ts'
import { foldGroups } from './fold-groups.ts'
import { runMethod } from './run-method.ts'

const collect = { requests: 3, fold: foldGroups }
const input: MethodInput = { args: { group_by: 'stage_id' } }
const page = (stage: string, cursor?: string): MethodOutcome => ({
  ok: true,
  records: [
    { stage_id: stage, count: 1, amount_sum: 0.1, amount_count: 1 },
    { stage_id: stage, count: 1, amount_sum: 0.2, amount_count: 1 },
    { count: 1 },
  ],
  totalCount: 100,
  quotas: [{ policy: 'p', remaining: 9 }],
  ...(cursor === undefined ? {} : { cursor }),
})
const limited: MethodOutcome = {
  ok: false,
  failure: fail('rate_limited', 'Too many', 'Wait.', { retryAfterS: 1 }),
  quotas: [{ policy: 'p', remaining: 0 }],
}

/** Answers in turn, and keeps the cursors that it was asked with. */
function answering(...answers: readonly (MethodOutcome | Error)[]) {
  const cursors: (string | undefined)[] = []
  const ask = async ({ cursor }: MethodInput) => {
    const answer = answers[cursors.push(cursor) - 1]
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked too often')
    return answer
  }
  return { ask, cursors }
}

test('runMethod() asks once for a method that collects nothing', async () => {
  const { ask, cursors } = answering(page('a', '1'))
  expect(await runMethod({}, input, ask, () => true)).toEqual(page('a', '1'))
  expect(cursors).toEqual([undefined])
})

test('runMethod() adds pages up to the end, with averages and without rounding noise', async () => {
  const { ask, cursors } = answering(page('a', '1'), page('b'))
  expect(await runMethod({ collect }, input, ask, () => true)).toEqual({
    ok: true,
    records: [
      { stage_id: 'a', count: 2, amount_sum: 0.3, amount_avg: 0.15, amount_count: 2 },
      { stage_id: 'b', count: 2, amount_sum: 0.3, amount_avg: 0.15, amount_count: 2 },
      { count: 2 },
    ],
    coverage: { covered: 6, total: 6, complete: true },
    quotas: [{ policy: 'p', remaining: 9 }],
  })
  expect(cursors).toEqual([undefined, '1'])
})

test('runMethod() stops at its bound, at the end of the time, and at a quota, and says what it covered', async () => {
  const partial = { ok: true, coverage: { total: 100, complete: false } }
  const bound = answering(page('a', '1'), page('a', '2'), page('a', '3'))
  expect(await runMethod({ collect }, input, bound.ask, () => true)).toMatchObject({
    ...partial,
    coverage: { covered: 9, total: 100, complete: false },
  })
  expect(bound.cursors).toHaveLength(3)
  const late = answering(page('a', '1'))
  expect(await runMethod({ collect }, input, late.ask, () => false)).toMatchObject(partial)
  const refused = answering(page('a', '1'), limited)
  expect(await runMethod({ collect }, input, refused.ask, () => true)).toMatchObject({
    ...partial,
    quotas: [{ policy: 'p', remaining: 0 }],
  })
  let asked = 0
  const slow = answering(page('a', '1'), new Error('timeout'))
  expect(await runMethod({ collect }, input, slow.ask, () => ++asked < 2)).toMatchObject(partial)
})

test('runMethod() fails as a whole when the first request does, or the token is refused on the way', async () => {
  expect(await runMethod({ collect }, input, answering(limited).ask, () => true)).toBe(limited)
  const refused: MethodOutcome = { ...limited, unauthorized: true }
  expect(await runMethod({ collect }, input, answering(page('a', '1'), refused).ask, () => true)).toBe(refused)
  const broken = answering(page('a', '1'), new Error('broken'))
  await expect(runMethod({ collect }, input, broken.ask, () => true)).rejects.toThrow('broken')
})
