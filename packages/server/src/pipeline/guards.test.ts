/** @module The guards between a caller and a system: authorize, validateInput, redact. */
import type { Method } from '@quartermaster/connectors'
import { expect, test } from 'vitest'
import { endsWith, passes } from '../../test/guards.ts'
import { sampleAccess, sampleField, sampleMethod } from '../../test/sample-tools.ts'
import { authorize } from './authorize.ts'
import type { Answer, BoundCall, Call, Invoke } from './call.ts'
import { compose } from './compose.ts'
import type { CursorContext, Cursors } from './cursors.ts'
import { redact } from './redact.ts'
import { validateInput } from './validate-input.ts'

/** Remembers what was sealed for whom; the cryptography has its own tests. */
function rememberingCursors(): Cursors {
  const sealed = new Map<string, string>()
  const key = (context: CursorContext) => JSON.stringify(context)
  return {
    seal(cursor, context) {
      const name = `s${sealed.size}`
      sealed.set(`${name}${key(context)}`, cursor)
      return name
    },
    open: (name, context) => sealed.get(`${name}${key(context)}`),
  }
}

const list = sampleMethod({ input: [sampleField('query'), sampleField('stage')] })
const remove = sampleMethod({
  kind: 'delete',
  tool: { name: 'delete_an_acme_contact_by_id', title: 'Delete', description: 'Deletes.' },
})

function callOf(
  methods: readonly Method[],
  toolName: string,
  args: unknown,
  pii: 'full' | 'mask' | 'strip' = 'full',
): Call {
  return {
    requestId: 'req_1',
    access: sampleAccess(methods, pii),
    toolName,
    args,
    signal: new AbortController().signal,
  }
}

function run(send: Invoke, cursors = rememberingCursors()) {
  const sent: BoundCall[] = []
  const end = endsWith((call: BoundCall) => {
    sent.push(call)
    return send(call)
  })
  const [limited, schema, resolved] = [passes('dailyCallLimit'), passes('applyAccountSchema'), passes('resolve')]
  const invoke = compose([limited, authorize(), schema, validateInput(cursors), resolved, redact()], end)
  return { invoke, sent }
}

const page = async (): Promise<Answer> => ({ ok: true, records: [{ id: '1' }], cursor: 'upstream-2', quotas: [] })

test('authorize() refuses what the URL does not have, and suggests only what it has', async () => {
  const { invoke, sent } = run(page)
  const answer = await invoke(callOf([list], 'list_acme_contact', {}))
  expect(answer).toMatchObject({ ok: false, failure: { code: 'unknown_tool', status: 404, request_id: 'req_1' } })
  expect(JSON.stringify(answer)).toContain('Similar names: list_all_acme_contacts.')
  const elsewhere = await invoke(callOf([list], 'delete_an_acme_contact_by_id', { id: '1' }))
  const nowhere = await invoke(callOf([list], 'delete_an_acme_contact_by_ix', { id: '1' }))
  expect(elsewhere).toEqual(nowhere)
  expect(sent).toEqual([])
})

test.each([
  '__proto__',
  'constructor',
  'LIST_ALL_ACME_CONTACTS',
  'list_all_acme_contacts ',
  'liѕt_all_acme_contacts',
  '',
])('authorize() takes %j for no tool and does not repeat it', async (name) => {
  const answer = await run(page).invoke(callOf([list], name, {}))
  expect(answer).toMatchObject({ ok: false, failure: { code: 'unknown_tool' } })
})

test('validateInput() opens a cursor for the arguments it was sealed for, whatever the limit', async () => {
  const { invoke, sent } = run(page)
  const first = await invoke(callOf([list], 'list_all_acme_contacts', { query: 'a', stage: 'new', limit: '5' }))
  if (!first.ok) throw new Error('the first page failed')
  expect(first.cursor).not.toBe('upstream-2')
  const next_cursor = first.cursor
  await invoke(callOf([list], 'list_all_acme_contacts', { stage: 'new', query: 'a', limit: 50, next_cursor }))
  expect(sent[1]?.input).toEqual({ limit: 50, args: { query: 'a', stage: 'new' }, cursor: 'upstream-2' })
  const other = await invoke(callOf([list], 'list_all_acme_contacts', { query: 'b', stage: 'new', next_cursor }))
  expect(other).toMatchObject({ ok: false, failure: { code: 'invalid_cursor', request_id: 'req_1' } })
  expect(sent).toHaveLength(2)
})

test('validateInput() seals to tenant, account, server and tool', async () => {
  const seen: CursorContext[] = []
  const cursors: Cursors = { seal: (_, context) => `${seen.push(context)}`, open: () => undefined }
  await run(page, cursors).invoke(callOf([list], 'list_all_acme_contacts', { stage: 'b', query: 'a' }))
  expect(seen).toEqual([
    {
      tenant: 'ten_sample',
      accountId: 'acc_sample',
      serverId: 'mcp_sample',
      toolName: 'list_all_acme_contacts',
      filter: '[["query","a"],["stage","b"]]',
    },
  ])
})

test('validateInput() refuses a forged cursor and bad arguments before anything is sent', async () => {
  const { invoke, sent } = run(page)
  const forged = await invoke(callOf([list], 'list_all_acme_contacts', { next_cursor: 'upstream-2' }))
  expect(forged).toMatchObject({ ok: false, failure: { code: 'invalid_cursor', status: 400 } })
  const bad = await invoke(callOf([list], 'list_all_acme_contacts', { limit: 'x' }))
  expect(bad).toMatchObject({ ok: false, failure: { code: 'invalid_arguments', request_id: 'req_1' } })
  expect(sent).toEqual([])
})

test('validateInput() says what it ignored, and answers a delete with the id', async () => {
  const { invoke } = run(async () => ({ ok: true, records: [], quotas: [], notes: ['below'] }))
  const answer = await invoke(callOf([remove], 'delete_an_acme_contact_by_id', { id: 7, force: true }))
  expect(answer).toEqual({
    ok: true,
    records: [{ id: '7', deleted: true }],
    quotas: [],
    notes: ['Ignored unknown arguments: force.', 'below'],
  })
})

test('redact() applies the policy of the URL to every record', async () => {
  const jane = {
    id: '1',
    first_name: 'Jane',
    title: 'CFO',
    email_addresses: [{ email: 'jane@acme.com', is_primary: true }],
  }
  const { invoke } = run(async () => ({ ok: true, records: [jane, jane], quotas: [] }))
  expect(await invoke(callOf([list], 'list_all_acme_contacts', {}, 'strip'))).toMatchObject({
    records: [
      { id: '1', title: 'CFO' },
      { id: '1', title: 'CFO' },
    ],
  })
  expect(JSON.stringify(await invoke(callOf([list], 'list_all_acme_contacts', {}, 'strip')))).not.toMatch(/Jane|jane/)
  expect(JSON.stringify(await invoke(callOf([list], 'list_all_acme_contacts', {}, 'mask')))).toContain('j***@acme.com')
})
