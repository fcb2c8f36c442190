import { expect, test } from 'vitest'
import type { AuditEntry } from '../entities/audit-entry.ts'
import { refusals } from './refusals.ts'

const refusal = (at: number, serverId = 'mcp_1'): AuditEntry => ({
  at,
  requestId: `req_${at}`,
  tenant: 'acme',
  accountId: 'acc_1',
  serverId,
  tool: '(unknown)',
  phase: 'outcome',
  outcome: 'unknown_tool',
  ms: 1,
  records: 0,
})

function world() {
  const rows: AuditEntry[] = []
  const state = { now: 0, writable: true }
  const append = async (entry: AuditEntry) => {
    if (!state.writable) throw new Error('disk full')
    rows.push(entry)
  }
  return { rows, state, counted: refusals({ append }, () => state.now) }
}

test('note() writes the first of a minute, counts the rest, and the counts are exact', async () => {
  const { rows, state, counted } = world()
  for (let n = 0; n < 100_000; n++) await counted.note(refusal(n % 59_000, `mcp_${n % 4}`))
  expect(rows).toHaveLength(4)
  state.now = 60_000
  expect(await counted.flush()).toBe(4)
  expect(rows.reduce((sum, { times = 1 }) => sum + times, 0)).toBe(100_000)
  expect(await counted.flush(true)).toBe(0)
})

test('note() begins a new row in a new minute, after the count of the last one', async () => {
  const { rows, counted } = world()
  for (const at of [1, 2, 3, 60_001]) await counted.note(refusal(at))
  expect(rows.map(({ at, times = 1 }) => [at, times])).toEqual([
    [1, 1],
    [3, 2],
    [60_001, 1],
  ])
})

test('note() rejects while nothing can be written, and a count that cannot be written is kept', async () => {
  const { rows, state, counted } = world()
  state.writable = false
  await expect(counted.note(refusal(1))).rejects.toThrow('disk full')
  state.writable = true
  for (const at of [2, 3, 4]) await counted.note(refusal(at))
  state.writable = false
  await expect(counted.flush(true)).rejects.toThrow('disk full')
  state.writable = true
  await counted.flush(true)
  expect(rows.map(({ times = 1 }) => times)).toEqual([1, 2])
})

test('note() begins everything that it must write at once, so that it waits no longer than one append, and forgets no count', async () => {
  const begun: (number | undefined)[][] = []
  let writable = true
  const append = async ({ times }: AuditEntry, withinMs?: number) => {
    begun.push([times, withinMs])
    if (!writable) throw new Error('disk full')
  }
  const counted = refusals({ append }, () => 60_001)
  for (const at of [1, 2, 3]) await counted.note(refusal(at))
  writable = false
  begun.length = 0
  const refused = expect(counted.note(refusal(60_001), 700)).rejects.toThrow('disk full')
  expect(begun).toEqual([
    [2, 700],
    [undefined, 700],
  ])
  await refused
  writable = true
  await counted.note(refusal(60_002))
  expect(begun.slice(2).map(([times]) => times)).toEqual([2, undefined])
})
