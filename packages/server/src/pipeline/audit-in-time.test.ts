import { expect, test } from 'vitest'
import { endsWith, passes } from '../../test/guards.ts'
import { testTimer } from '../../test/timer.ts'
import { refusals } from '../audit/refusals.ts'
import { auditKeys } from '../audit/tenant-keys.ts'
import type { AuditEntry } from '../entities/audit-entry.ts'
import { newKey, parseKeyRing } from '../keys/key-ring.ts'
import { openStore } from '../store/open.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import type { Tool } from '../tools/tool.ts'
import { audit } from './audit.ts'
import type { Answer, BoundCall } from './call.ts'
import { compose, type Guard } from './compose.ts'
import { intent } from './intent.ts'

const keys = auditKeys((await openStore()).audit, parseKeyRing(newKey(1)))
const ok: Answer = { ok: true, records: [{ id: '1' }], quotas: [] }
const create = { name: 'create_a_thing', description: '', inputSchema: {}, method: { kind: 'create' } }
const call = (waitedMs: number): BoundCall =>
  ({
    requestId: 'req_1',
    toolName: create.name,
    tool: create,
    args: {},
    input: { args: {} },
    access: {
      server: { id: 'mcp_1', tenant: 'acme' },
      account: { id: 'acc_1' },
      tools: [create as unknown as Tool],
      waitedMs,
    },
  }) as unknown as BoundCall

/** A store that answers when `open` is called, and not before. */
function stuck() {
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  return { gate, open: () => open() }
}

interface World {
  /** What holds up the steps between the audit and the system, such as remembering the write. */
  readonly step?: Promise<void>
  readonly stepMs?: number
  readonly append?: (entry: AuditEntry) => Promise<void>
  readonly system?: Promise<void>
  /** How long the URL took to be found. */
  readonly waitedMs?: number
  /** When other calls were last recorded. */
  readonly durableAt?: () => number
}

const never = () => Number.NEGATIVE_INFINITY

function world({ step, stepMs = 0, append = async () => {}, system, waitedMs = 0, durableAt = never }: World) {
  const timer = testTimer()
  const rows: AuditEntry[] = []
  const log = {
    async append(entry: AuditEntry) {
      await append(entry)
      rows.push(entry)
    },
    isBroken: () => false,
    age: () => 0,
    durableAt,
  }
  const deps = { log, keys, refusals: refusals(log, () => 1_000), now: () => 1_000, timer }
  let sent = 0
  const { tool, input } = call(waitedMs)
  const between: Guard<'redact', object, Pick<BoundCall, 'tool' | 'input'>, never> = {
    name: 'redact',
    after: [],
    async run(_, next) {
      await step
      if (stepMs > 0) await new Promise<void>((resolve) => timer.after(stepMs, resolve))
      return next({ tool, input })
    },
  }
  const end = endsWith(async () => {
    sent += 1
    await system
    return ok
  })
  const invoke = compose([passes('resolveAccount'), audit(deps), between, intent(deps)], end)
  let answer: Answer | undefined
  void invoke(call(waitedMs)).then((given) => {
    answer = given
  })
  return { timer, rows, sent: () => sent, answer: () => answer }
}

const refused = { ok: false, failure: { code: 'audit_unavailable', request_id: 'req_1' } }

test.each([
  ['a step before the audit hangs', (gate: Promise<void>): World => ({ step: gate })],
  ['the audit hangs', (gate: Promise<void>): World => ({ append: () => gate })],
  [
    'a step takes almost as long, and then the audit hangs',
    (gate: Promise<void>): World => ({ stepMs: 1_400, append: () => gate }),
  ],
  ['the step and the audit both hang', (gate: Promise<void>): World => ({ step: gate, append: () => gate })],
])('audit() refuses 1.5 s after the arrival and sends nothing, also later: %s', async (_, hanging) => {
  for (const waitedMs of [0, 400, 1_499]) {
    const { gate, open } = stuck()
    const { timer, sent, answer } = world({ ...hanging(gate), waitedMs })
    await timer.advance(1_499 - waitedMs)
    expect(answer()).toBeUndefined()
    await timer.advance(1)
    expect(answer()).toMatchObject(refused)
    // The store comes back when nobody waits for it any more.
    open()
    await timer.advance(10_000)
    expect(sent()).toBe(0)
  }
})

test('audit() counts anew from the answer of the system, and says of a write only that nobody knows', async () => {
  const [system, store] = [stuck(), stuck()]
  const slow = world({
    system: system.gate,
    append: ({ phase }) => (phase === 'outcome' ? store.gate : Promise.resolve()),
  })
  await slow.timer.advance(9_000)
  expect([slow.sent(), slow.answer()]).toEqual([1, undefined])
  system.open()
  await slow.timer.advance(1_499)
  expect(slow.answer()).toBeUndefined()
  await slow.timer.advance(1)
  expect(slow.answer()).toMatchObject({ ok: false, failure: { code: 'outcome_unknown' } })
})

test('audit() gives a call in time its answer and leaves no timer behind', async () => {
  const { timer, rows, answer } = world({ waitedMs: 1_000 })
  await timer.advance(0)
  expect(answer()).toMatchObject({ ok: true })
  expect(rows.map(({ phase }) => phase)).toEqual(['intent', 'outcome'])
  expect(timer.waiting()).toBe(0)
})

test('audit() says that a call whose store refuses on the way was not made, and that it may be repeated', async () => {
  const { timer, sent, answer } = world({ step: Promise.reject(new StoreUnavailable('held')) })
  await timer.advance(0)
  expect(answer()).toMatchObject(refused)
  expect(sent()).toBe(0)
})

test('audit() waits for a store that has much to do, as long as others are recorded meanwhile', async () => {
  const { gate, open } = stuck()
  const busy = world({ append: () => gate, durableAt: () => busy.timer.now() - 100 })
  await busy.timer.advance(4_000)
  expect(busy.answer()).toBeUndefined()
  open()
  await busy.timer.advance(0)
  expect(busy.answer()).toMatchObject({ ok: true })
})
