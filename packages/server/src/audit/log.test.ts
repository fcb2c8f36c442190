import { settle } from '@quartermaster/testing'
import { expect, test } from 'vitest'
import { testTimer } from '../../test/timer.ts'
import type { AuditEntry } from '../entities/audit-entry.ts'
import { systemTimer } from '../time/deadline.ts'
import { auditLog } from './log.ts'

const entry = (n: number): AuditEntry => ({
  at: n,
  requestId: `req_${n}`,
  tenant: 'acme',
  accountId: 'acc_1',
  serverId: 'mcp_1',
  tool: 'list_all_things',
  phase: 'outcome',
  outcome: 'ok',
  ms: 1,
  records: 0,
})
const nothingRefused = new Map()

test('append() shares one write among calls of the same turn and keeps their order', async () => {
  const writes: number[][] = []
  const log = auditLog(async (entries) => {
    writes.push(entries.map(({ at }) => at))
    return nothingRefused
  })
  await Promise.all([1, 2, 3].map((n) => log.append(entry(n))))
  expect(writes).toEqual([[1, 2, 3]])
})

test('append() rejects every entry of a batch that could not be written, and goes on', async () => {
  let broken = true
  const log = auditLog(async () => {
    if (broken) throw new Error('disk full')
    return nothingRefused
  })
  const outcomes = await Promise.allSettled([log.append(entry(1)), log.append(entry(2))])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(log.isBroken()).toBe(true)
  broken = false
  await expect(log.append(entry(3))).resolves.toBeUndefined()
  expect(log.isBroken()).toBe(false)
})

test('append() rejects only the entries that the write refuses', async () => {
  const log = auditLog(async ([first]) => new Map(first ? [[first, new Error('key lost')]] : []))
  const outcomes = await Promise.allSettled([log.append(entry(1)), log.append(entry(2))])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  expect(log.isBroken()).toBe(false)
})

test('append() gives up at the deadline, and what has not been begun by then is never written', async () => {
  const timer = testTimer()
  const written: number[] = []
  let answer = (): void => {}
  const log = auditLog(
    async (entries) => {
      written.push(...entries.map(({ at }) => at))
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      return nothingRefused
    },
    { timer },
  )
  const first = log.append(entry(1)).catch((error: Error) => error.message)
  await settle()
  const second = log.append(entry(2)).catch((error: Error) => error.message)
  await timer.advance(1_499)
  expect(log.isBroken()).toBe(false)
  await timer.advance(1)
  expect(log.isBroken()).toBe(true)
  expect(await Promise.all([first, second])).toEqual(Array(2).fill(expect.stringMatching(/not answered for 1500 ms/)))
  answer()
  await settle()
  expect(written).toEqual([1])
})

test('age() counts from the moment at which a write that succeeded began', async () => {
  let now = 100
  const log = auditLog(
    async () => {
      now += 30
      return nothingRefused
    },
    { timer: { ...systemTimer, now: () => now } },
  )
  expect(log.age()).toBe(Number.POSITIVE_INFINITY)
  await log.append(entry(1))
  expect(log.age()).toBe(30)
})
