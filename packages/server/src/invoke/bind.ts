/**
 * @module
 * Guard: turns what the caller sent into what the connector takes, and seals the cursor on the way back.
 */
import type { MethodInput } from '@quartermaster/connectors'
import { fail, mayFilterBy } from '@quartermaster/protocol'
import type { PseudonymKeys } from '../policy/pseudonym-keys.ts'
import { resolveArguments, usesPseudonyms } from '../policy/resolve-arguments.ts'
import { coerceArguments } from '../tools/coerce-arguments.ts'
import { isPaged } from '../tools/input-schema.ts'
import type { Tool } from '../tools/tool.ts'
import { type Answer, type Call, type Guard, refuse } from './call.ts'
import type { CursorContext, Cursors } from './cursors.ts'

export interface BindParts {
  /** Without them no pseudonym is resolved. */
  readonly pseudonyms?: PseudonymKeys
}

/**
 * Binds the arguments to the tool that `authorize` found. A cursor is opened for the same URL, tool and other
 * arguments it was sealed for; `limit` may change between pages.
 */
export function bind(cursors: Cursors, { pseudonyms }: BindParts = {}): Guard {
  return (next) => async (call) => {
    const { tool, requestId } = call
    if (!tool) throw new Error('Cannot bind the arguments: no guard before this one found the tool')
    const coerced = coerceArguments(tool, call.args)
    if (!coerced.ok) return refuse({ ...coerced.failure, request_id: requestId })
    const resolved = await resolve(call, tool, coerced.input, pseudonyms)
    if (!resolved.ok) return refuse(notPseudonyms(tool, resolved.faults, requestId))
    const context = contextOf(call, tool, resolved.input)
    const { sealedCursor } = coerced
    const cursor = sealedCursor === undefined ? undefined : cursors.open(sealedCursor, context)
    if (sealedCursor !== undefined && cursor === undefined) return refuse(invalidCursor(requestId))
    const input = { ...resolved.input, ...narrowed(call, tool), ...(cursor === undefined ? {} : { cursor }) }
    const answer = await next({ ...call, input })
    // A deleted record is named as the caller named it.
    const named = coerced.input.id === undefined ? {} : { id: coerced.input.id }
    const sealed = (text: string) => cursors.seal(text, context)
    return answer.ok ? finish(answer, tool, { ...input, ...named }, coerced.notes, sealed) : answer
  }
}

async function resolve(call: Call, tool: Tool, input: MethodInput, keys: PseudonymKeys | undefined) {
  const { account, policy, server } = call.access
  const granted = server.config.resolve_pseudonyms === true
  const pseudonyms = usesPseudonyms(policy, granted) ? await keys?.of(account.tenant) : undefined
  return resolveArguments(tool, input, { policy, granted, accountId: account.id, pseudonyms })
}

/** A search that covers fields of several classes leaves out those that the caller may not ask about. */
function narrowed({ access: { policy } }: Call, { method }: Tool): Pick<MethodInput, 'hidden'> {
  const hidden = method.input.flatMap(({ narrows = [] }) => narrows).filter((one) => !mayFilterBy(policy, one))
  return hidden.length > 0 ? { hidden: [...new Set(hidden)] } : {}
}

function contextOf({ access: { server } }: Call, tool: Tool, { args }: MethodInput): CursorContext {
  const sorted = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    tenant: server.tenant,
    accountId: server.accountId,
    serverId: server.id,
    toolName: tool.name,
    filter: JSON.stringify(sorted),
  }
}

function finish(
  { cursor, ...answer }: Extract<Answer, { ok: true }>,
  tool: Tool,
  { id }: MethodInput,
  coercionNotes: readonly string[],
  seal: (cursor: string) => string,
): Answer {
  const notes = [...coercionNotes, ...(answer.notes ?? [])]
  const deleted = tool.method.kind === 'delete' && id !== undefined ? { records: [{ id, deleted: true }] } : {}
  const sealed = cursor !== undefined && isPaged(tool.method) ? { cursor: seal(cursor) } : {}
  return { ...answer, ...deleted, ...sealed, ...(notes.length > 0 ? { notes } : {}) }
}

function notPseudonyms(tool: Tool, names: readonly string[], requestId: string) {
  return fail(
    'invalid_arguments',
    `Cannot call ${tool.name}: ${names.map((name) => `"${name}"`).join(', ')} must be a pseudonym (psn_…).`,
    'Use a pseudonym exactly as it stands in an earlier answer.',
    { requestId },
  )
}

function invalidCursor(requestId: string) {
  return fail(
    'invalid_cursor',
    'Cannot continue the list: next_cursor was changed, has expired, or belongs to a call with other arguments.',
    'Call again without next_cursor to start from the first page, or send back the last next_cursor exactly as received together with the same other arguments.',
    { requestId },
  )
}
