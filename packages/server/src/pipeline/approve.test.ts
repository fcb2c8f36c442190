import type { McpServerConfig } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { alone } from '../../test/guards.ts'
import { sampleAccess, sampleMethod } from '../../test/sample-tools.ts'
import { newKey, parseKeyRing } from '../keys/key-ring.ts'
import { hashToken } from '../keys/tokens.ts'
import { openStore } from '../store/open.ts'
import { openDetails } from './approval-details.ts'
import { approve, MOST_APPROVALS } from './approve.ts'
import type { Answer, WriteCall } from './call.ts'

const create = sampleMethod({ kind: 'create', tool: { name: 'create_a_thing', title: 'T', description: 'D' } })
const made: Answer = { ok: true, records: [{ id: '7' }], quotas: [] }

function callOf(serverId: string, approval?: string, more: Partial<McpServerConfig> = {}): WriteCall {
  const access = sampleAccess([create])
  const server = {
    ...access.server,
    id: serverId,
    config: { ...access.server.config, approve: ['write' as const], ...more },
  }
  const [tool] = access.tools
  if (!tool) throw new Error('there is no tool')
  const signal = new AbortController().signal
  const writeOptions = approval === undefined ? {} : { approval }
  const own = { access: { ...access, server }, toolName: tool.name, tool, writeOptions }
  return { requestId: 'req_1', args: {}, signal, input: { args: { name: 'x' } }, ...own }
}

test('approve() asks for so many approvals of a URL and no more, until one is used or all have expired', async () => {
  const store = await openStore()
  const time = { now: 1_000_000 }
  const guard = approve({
    store: store.approvals,
    ring: parseKeyRing(newKey(1)),
    preview: async () => ({ ok: true, action: 'create a new thing', changes: [], quotas: [] }),
    now: () => time.now,
  })
  const invoke = alone(guard, async () => made)
  const handles: string[] = []
  for (let n = 0; n < MOST_APPROVALS.open; n++) {
    const answer = await invoke(callOf('mcp_1'))
    if (!answer.ok) handles.push(String(answer.failure.approval?.handle))
  }
  expect(handles).toHaveLength(MOST_APPROVALS.open)
  const full = { ok: false, failure: { code: 'conflict', retry_after_s: 86_400, message: /200 of this URL wait/ } }
  expect(await invoke(callOf('mcp_1'))).toMatchObject(full)
  const asked = { failure: { code: 'approval_required' } }
  expect(await invoke(callOf('mcp_2'))).toMatchObject(asked)
  expect(await invoke(callOf('mcp_1', handles[0]))).toMatchObject({ ok: true })
  expect(await invoke(callOf('mcp_1'))).toMatchObject(asked)
  expect(await invoke(callOf('mcp_1'))).toMatchObject(full)
  time.now += 86_400_000
  expect(await invoke(callOf('mcp_1'))).toMatchObject(asked)
  await store.close()
})

test('approve() makes no call with an approval that is a day old', async () => {
  const store = await openStore()
  const time = { now: 1_000_000 }
  let calls = 0
  const guard = approve({
    store: store.approvals,
    ring: parseKeyRing(newKey(1)),
    preview: async () => ({ ok: true, action: 'create a new thing', changes: [], quotas: [] }),
    now: () => time.now,
  })
  const invoke = alone(guard, async () => {
    calls += 1
    return made
  })
  const ask = async () => {
    const answer = await invoke(callOf('mcp_1'))
    return answer.ok ? '' : (answer.failure.approval?.handle ?? '')
  }
  const [late, inTime] = [await ask(), await ask()]
  time.now += 86_400_000 - 1
  // The control: until then it is good.
  expect(await invoke(callOf('mcp_1', inTime))).toMatchObject({ ok: true })
  time.now += 1
  const expired = { code: 'approval_invalid', message: 'Cannot make the call: the approval has expired' }
  expect(await invoke(callOf('mcp_1', late))).toMatchObject({ ok: false, failure: expired })
  expect(calls).toBe(1)
  await store.close()
})

test('approve() keeps what a person at the server must see, sealed for that approval and tenant, and nothing else', async () => {
  const store = await openStore()
  const ring = parseKeyRing(newKey(1))
  const details = { action: 'create a new thing', changes: [{ field: 'name', to: 'Canary' }] }
  const preview = async () => ({ ok: true, ...details, quotas: [] }) as const
  const invoke = alone(approve({ store: store.approvals, ring, preview, now: () => 1_000_000 }), async () => made)
  const kept = async (approved_by: 'token' | 'caller') => {
    const answer = await invoke(callOf('mcp_1', undefined, { approved_by }))
    const handle = answer.ok ? undefined : answer.failure.approval?.handle
    return store.approvals.find(hashToken(handle ?? ''))
  }
  const approval = await kept('token')
  if (!approval?.details) throw new Error('nothing was kept')
  expect(Buffer.from(approval.details).toString('latin1')).not.toContain('Canary')
  expect(openDetails(ring, approval)).toEqual(details)
  expect(openDetails(ring, { ...approval, tenant: 'other' })).toBeUndefined()
  expect(openDetails(ring, { ...approval, id: 'other' })).toBeUndefined()
  expect(openDetails(parseKeyRing(newKey(1)), approval)).toBeUndefined()
  expect(await kept('caller')).not.toHaveProperty('details')
  await store.close()
})
