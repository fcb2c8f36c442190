import { fail } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import type { AuditEntry } from '../audit/entry.ts'
import type { Tool } from '../tools/tool.ts'
import { audit, type CallFacts } from './audit.ts'
import type { Answer, Call } from './call.ts'

const tool = (name: string, kind: string) => ({ name, method: { kind } }) as Tool
const call = (toolName: string): Call =>
  ({
    requestId: 'req_1',
    toolName,
    args: { email: 'jane@acme.com' },
    access: {
      server: { id: 'mcp_1', tenant: 'acme' },
      account: { id: 'acc_1' },
      tools: [tool('list_all_things', 'list'), tool('create_a_thing', 'create')],
    },
  }) as unknown as Call
const ok: Answer = { ok: true, records: [{ id: '1' }, { id: '2' }], quotas: [] }

function recorder(writable: (nth: number) => boolean = () => true) {
  const entries: AuditEntry[] = []
  const facts: CallFacts[] = []
  const errors: unknown[] = []
  let nth = 0
  const guard = audit({
    log: {
      append: async (entry) => {
        nth += 1
        if (!writable(nth)) throw new Error('disk full')
        entries.push(entry)
      },
      isBroken: () => !writable(nth),
    },
    now: () => 1_000,
    onCall: (fact) => facts.push(fact),
    onError: (_id, error) => errors.push(error),
  })
  return { guard, entries, facts, errors }
}

test('audit() records a read once and a write twice: before it is sent, and when it is known', async () => {
  const { guard, entries } = recorder()
  await guard(async () => ok)(call('list_all_things'))
  expect(entries.map(({ phase, outcome, records }) => [phase, outcome, records])).toEqual([['outcome', 'ok', 2]])
  let sentAfter = 0
  await guard(async () => {
    sentAfter = entries.length
    return ok
  })(call('create_a_thing'))
  expect(sentAfter).toBe(2)
  expect(entries.slice(1).map(({ phase }) => phase)).toEqual(['intent', 'outcome'])
})

test('audit() sends no write that it cannot record', async () => {
  const { guard } = recorder(() => false)
  let sent = false
  const answer = await guard(async () => {
    sent = true
    return ok
  })(call('create_a_thing'))
  expect(sent).toBe(false)
  expect(answer).toMatchObject({ ok: false, failure: { code: 'audit_unavailable', request_id: 'req_1' } })
})

test('audit() gives no answer that it cannot record, and does not call a write undone', async () => {
  const read = await recorder((nth) => nth === 0).guard(async () => ok)(call('list_all_things'))
  expect(read).toMatchObject({ ok: false, failure: { code: 'audit_unavailable', message: /withheld/ } })
  const write = await recorder((nth) => nth === 1).guard(async () => ok)(call('create_a_thing'))
  expect(write).toMatchObject({ ok: false, failure: { code: 'outcome_unknown', advice: /Do not repeat/ } })
})

test('audit() sends not even a read while the log is known to be broken', async () => {
  let sent = 0
  const invoke = recorder(() => false).guard(async () => {
    sent += 1
    return ok
  })
  const answers = [await invoke(call('list_all_things')), await invoke(call('list_all_things'))]
  expect(sent).toBe(0)
  expect(answers).toMatchObject([{ failure: { code: 'audit_unavailable' } }, { failure: { message: /Cannot make/ } }])
})

test('audit() records refusals under their code, gives them the request id, and invented names no place', async () => {
  const { guard, entries, facts } = recorder()
  const refusal: Answer = { ok: false, failure: fail('unknown_tool', 'x', 'y'), quotas: [] }
  const answer = await guard(async () => refusal)(call('jane@acme.com'))
  expect(answer).toMatchObject({ failure: { request_id: 'req_1' } })
  expect(entries[0]).toMatchObject({ tool: '(unknown)', outcome: 'unknown_tool', records: 0 })
  expect(JSON.stringify([entries, facts])).not.toContain('jane')
})

test('audit() turns what is thrown into an internal failure without its words', async () => {
  const { guard, entries, errors } = recorder()
  const answer = await guard(async () => {
    throw new Error('refresh_token=hunter2')
  })(call('list_all_things'))
  expect(answer).toMatchObject({ ok: false, failure: { code: 'internal', request_id: 'req_1' } })
  expect(JSON.stringify([answer, entries])).not.toContain('hunter2')
  expect(errors).toHaveLength(1)
})
