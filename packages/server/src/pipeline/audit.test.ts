import { fail } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { alone, endsWith, passes } from '../../test/guards.ts'
import { refusals } from '../audit/refusals.ts'
import { auditKeys } from '../audit/tenant-keys.ts'
import type { AuditEntry } from '../entities/audit-entry.ts'
import { newKey, parseKeyRing } from '../keys/key-ring.ts'
import { openStore } from '../store/open.ts'
import type { Tool } from '../tools/tool.ts'
import { audit, type CallFacts } from './audit.ts'
import { type Answer, type BoundCall, refuse } from './call.ts'
import { compose } from './compose.ts'
import { intent } from './intent.ts'

const tool = (name: string, kind: string) =>
  ({ name, description: name, inputSchema: {}, method: { kind } }) as unknown as Tool
const call = (toolName: string, args: Record<string, string> = { email: 'jane@acme.com' }): BoundCall =>
  ({
    requestId: 'req_1',
    toolName,
    args,
    input: { args },
    access: {
      server: { id: 'mcp_1', tenant: 'acme' },
      account: { id: 'acc_1' },
      actor: 'tok_1',
      tools: [tool('list_all_things', 'list'), tool('create_a_thing', 'create')],
    },
  }) as unknown as BoundCall
const ok: Answer = { ok: true, records: [{ id: '1' }, { id: '2' }], quotas: [] }
const ring = parseKeyRing(newKey(1))
const keys = auditKeys((await openStore()).audit, ring)

interface Faults {
  readonly writable?: (nth: number) => boolean
  readonly age?: () => number
}

function recorder({ writable = () => true, age = () => 0 }: Faults = {}) {
  const entries: AuditEntry[] = []
  const facts: CallFacts[] = []
  const errors: unknown[] = []
  let nth = 0
  let broken = false
  const log = {
    append: async (entry: AuditEntry) => {
      nth += 1
      broken = !writable(nth)
      if (broken) throw new Error('disk full')
      entries.push(entry)
    },
    isBroken: () => broken,
    durableAt: () => Number.NEGATIVE_INFINITY,
    age,
  }
  const deps = {
    log,
    keys,
    refusals: refusals(log, () => 1_000),
    now: () => 1_000,
    onCall: (fact: CallFacts) => facts.push(fact),
    onError: (_id: string, error: unknown) => errors.push(error),
  }
  let sent = 0
  const invoke =
    (answer: () => Answer = () => ok) =>
    (bound: BoundCall) => {
      const { input } = bound
      const tool = bound.access.tools.find(({ name }) => name === bound.toolName) as Tool
      const end = endsWith(async () => {
        sent += 1
        return answer()
      })
      const guards = [passes('resolveAccount'), audit(deps), passes('redact', { tool, input }), intent(deps)] as const
      return compose(guards, end)(bound)
    }
  const refusing = (refusal: Answer) => alone(audit(deps), async () => refusal)
  return { invoke, refusing, entries, facts, errors, sent: () => sent }
}

test('audit() records a read once and a write twice: before it is sent, and when it is known', async () => {
  const { invoke, entries } = recorder()
  await invoke()(call('list_all_things'))
  expect(entries.map(({ phase, outcome, records }) => [phase, outcome, records])).toEqual([['outcome', 'ok', 2]])
  let sentAfter = 0
  await invoke(() => {
    sentAfter = entries.length
    return ok
  })(call('create_a_thing'))
  expect(sentAfter).toBe(2)
  expect(entries.slice(1).map(({ phase }) => phase)).toEqual(['intent', 'outcome'])
})

test('audit() keeps who called, the names of the arguments, and a digest that is equal for equal arguments only', async () => {
  const { invoke, entries } = recorder()
  await invoke()(call('list_all_things', { phone: '+1 555', email: 'jane@acme.com' }))
  await invoke()(call('list_all_things', { email: 'jane@acme.com', phone: '+1 555' }))
  await invoke()(call('list_all_things', { email: 'jo@acme.com', phone: '+1 555' }))
  const [first, second, third] = entries
  expect(first).toMatchObject({ actor: 'tok_1', shape: 'email,phone', digest: /^[\w-]{22}$/, toolHash: /^[\w-]{16}$/ })
  expect(second?.digest).toBe(first?.digest)
  expect(third?.digest).not.toBe(first?.digest)
  expect(JSON.stringify(entries)).not.toMatch(/jane|555/)
})

test('audit() sends no write that it cannot record', async () => {
  const { invoke, sent } = recorder({ writable: () => false })
  const answer = await invoke()(call('create_a_thing'))
  expect(sent()).toBe(0)
  expect(answer).toMatchObject({ ok: false, failure: { code: 'audit_unavailable', request_id: 'req_1' } })
})

test('audit() gives no answer that it cannot record, and does not call a write undone', async () => {
  const read = await recorder({ writable: () => false }).invoke()(call('list_all_things'))
  expect(read).toMatchObject({ ok: false, failure: { code: 'audit_unavailable', message: /withheld/ } })
  const write = await recorder({ writable: (nth) => nth === 1 }).invoke()(call('create_a_thing'))
  expect(write).toMatchObject({ ok: false, failure: { code: 'outcome_unknown', advice: /Do not repeat/ } })
})

test('intent() lets no read through either when nothing has been durable for a second, or the last attempt failed', async () => {
  const quiet = recorder({ writable: () => false, age: () => 1_000 })
  expect(await quiet.invoke()(call('list_all_things'))).toMatchObject({ failure: { message: /Cannot make/ } })
  expect(quiet.sent()).toBe(0)
  const busy = recorder({ writable: () => false, age: () => 999 })
  await busy.invoke()(call('list_all_things'))
  expect(busy.sent()).toBe(1)
  for (let n = 0; n < 3; n++) await busy.invoke()(call('list_all_things'))
  expect(busy.sent()).toBe(1)
  const working = recorder({ age: () => 1_000 })
  await working.invoke()(call('list_all_things'))
  expect(working.entries.map(({ phase }) => phase)).toEqual(['intent', 'outcome'])
})

test('audit() records refusals under their code, gives them the request id, and invented names no place', async () => {
  const { refusing, entries, facts } = recorder()
  const refusal: Answer = refuse(fail('unknown_tool', 'x', 'y'))
  const answer = await refusing(refusal)(call('jane@acme.com'))
  expect(answer).toMatchObject({ failure: { request_id: 'req_1' } })
  expect(entries[0]).toMatchObject({ tool: '(unknown)', outcome: 'unknown_tool', records: 0 })
  expect(JSON.stringify([entries, facts])).not.toContain('jane')
})

test('audit() records a hundred equal refusals of a minute as one row at first', async () => {
  const { refusing, entries } = recorder()
  const guarded = refusing(refuse(fail('unknown_tool', 'x', 'y')))
  await Promise.all(Array.from({ length: 100 }, () => guarded(call('nope'))))
  expect(entries).toHaveLength(1)
})

test('audit() turns what is thrown into an internal failure without its words', async () => {
  const { invoke, entries, errors } = recorder()
  const answer = await invoke(() => {
    throw new Error('refresh_token=hunter2')
  })(call('list_all_things'))
  expect(answer).toMatchObject({ ok: false, failure: { code: 'internal', request_id: 'req_1' } })
  expect(JSON.stringify([answer, entries])).not.toContain('hunter2')
  expect(errors).toHaveLength(1)
})
