import { expect, test } from 'vitest'
import type { AuditEntry } from '../entities/audit-entry.ts'
import { eventRecorder, Unrecorded } from './event.ts'

function recorder(writable: (nth: number) => boolean = () => true) {
  const rows: AuditEntry[] = []
  let nth = 0
  const append = async (entry: AuditEntry) => {
    nth += 1
    if (!writable(nth)) throw new Error('disk full')
    rows.push(entry)
  }
  return { rows, events: eventRecorder({ log: { append }, refusals: { note: append }, now: () => 5 }) }
}
const event = { event: 'url.issued', tenant: 'acme', actor: 'tok_1', accountId: 'acc_1' } as const

test('around() writes a row before the work and one after it, which names what came to be', async () => {
  const { rows, events } = recorder()
  let rowsBefore = 0
  const work = async () => {
    rowsBefore = rows.length
    return { id: 'mcp_1' }
  }
  await events.around(event, work, ({ id }) => ({ serverId: id }))
  expect(rowsBefore).toBe(1)
  expect(rows.map(({ phase, serverId, outcome }) => [phase, serverId, outcome])).toEqual([
    ['intent', '', 'ok'],
    ['outcome', 'mcp_1', 'ok'],
  ])
  expect(rows[0]?.requestId).toBe(rows[1]?.requestId)
})

test('around() does nothing that cannot be recorded, and gives no result whose outcome cannot be', async () => {
  let done = 0
  const work = async () => {
    done += 1
  }
  await expect(recorder(() => false).events.around(event, work)).rejects.toThrow('disk full')
  expect(done).toBe(0)
  await expect(recorder((nth) => nth === 1).events.around(event, work)).rejects.toBeInstanceOf(Unrecorded)
  expect(done).toBe(1)
})

test('around() records work that failed without its words', async () => {
  const { rows, events } = recorder()
  const failing = events.around(event, () => Promise.reject(new Error('hunter2')))
  await expect(failing).rejects.toThrow('hunter2')
  expect(rows.at(-1)).toMatchObject({ phase: 'outcome', outcome: 'failed' })
  expect(JSON.stringify(rows)).not.toContain('hunter2')
})
