import { expect, test } from 'vitest'
import type { AuditEntry } from './entry.ts'
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

test('append() shares one write among calls of the same turn and keeps their order', async () => {
  const writes: number[][] = []
  const log = auditLog(async (entries) => void writes.push(entries.map(({ at }) => at)))
  await Promise.all([1, 2, 3].map((n) => log.append(entry(n))))
  expect(writes).toEqual([[1, 2, 3]])
})

test('append() rejects every entry of a batch that could not be written, and goes on', async () => {
  let broken = true
  const log = auditLog(async () => {
    if (broken) throw new Error('disk full')
  })
  const outcomes = await Promise.allSettled([log.append(entry(1)), log.append(entry(2))])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(log.isBroken()).toBe(true)
  broken = false
  await expect(log.append(entry(3))).resolves.toBeUndefined()
  expect(log.isBroken()).toBe(false)
})
