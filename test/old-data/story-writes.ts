/**
 * @module
 * Writes that the store remembers: one that was made, one that waits for a person, one that a person has approved.
 */
import { APPROVAL_META, IDEMPOTENCY_KEY_META } from '@quartermaster/protocol'
import type { KnownApproval, KnownCall, StoreFacts } from './facts.ts'
import type { Running } from './installation.ts'
import { YEAR_S } from './story-urls.ts'

const UPDATE = 'update_a_hub_spot_contact_by_id'

interface ApprovalAsked {
  readonly handle: string
  readonly changes: readonly unknown[]
}

export async function makeWrites(
  server: Running,
  { tokens, account }: { readonly tokens: StoreFacts['tokens']; readonly account: string },
): Promise<Pick<StoreFacts, 'remembered' | 'approvals'>> {
  const config = { methods: ['read', 'write'], approve: ['update'], approved_by: 'token', expires_in_s: YEAR_S }
  const issued = await server.ask('POST', `/integrated-account/${account}/mcp`, { name: 'writes', config })
  const at = { token: String(issued['token']), bearer: tokens.runtime }

  const create = {
    ...at,
    tool: 'create_a_hub_spot_contact',
    args: { email: 'remembered@old-data.example', last_name: 'Remembered' },
    meta: { [IDEMPOTENCY_KEY_META]: 'old-data' },
  }
  const { result } = await server.call(create)
  if (result === undefined) throw new Error('Cannot create a contact')
  const remembered: KnownCall = { about: 'a write that was made', ...create, answer: { result } }

  const [contact] = (await server.call({ ...at, tool: 'list_all_hub_spot_contacts', args: { limit: '1' } }))[
    'result'
  ] as readonly { readonly id: string }[]
  const ask = async (about: string, title: string): Promise<KnownApproval> => {
    const call = { about, ...at, tool: UPDATE, args: { id: contact?.id, title } }
    const { error } = await server.call(call)
    const { approval } = error as { readonly approval?: ApprovalAsked }
    if (approval === undefined) throw new Error(`Cannot ask for an approval: ${JSON.stringify(error)}`)
    const { handle, changes } = approval
    return { handle, call: { ...call, meta: { [APPROVAL_META]: handle } }, changes }
  }
  const pending = await ask('a write that waits', 'Waiting')
  const approved = await ask('a write that was approved', 'Approved')
  const path = `/approval/${approved.handle}`
  const decided = await server.api('POST', path, { decision: 'approved' }, tokens.approve)
  if (!decided.ok) throw new Error(`Cannot approve: ${decided.status}`)
  return { remembered, approvals: { pending, approved } }
}
