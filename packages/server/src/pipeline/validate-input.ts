/**
 * @module
 * Guard: turns what the caller sent into what the connector takes, and seals the cursor on the way back.
 */
import type { MethodInput } from '@quartermaster/connectors'
import { fail } from '@quartermaster/protocol'
import { hiddenParts } from '../policy/may-ask.ts'
import { coerceArguments } from '../tools/coerce-arguments.ts'
import { isPaged } from '../tools/input-schema.ts'
import type { Tool } from '../tools/tool.ts'
import { type Answer, type BoundCall, type Call, type GoodAnswer, refuse, type ToolCall } from './call.ts'
import type { Guard, Next } from './compose.ts'
import type { CursorContext, Cursors } from './cursors.ts'
import { sortedEntries } from './sorted-entries.ts'

/**
 * Binds the arguments to the tool that `authorize` found. A cursor is opened for the same URL, tool and other
 * arguments it was sealed for; `limit` may change between pages.
 */
export function validateInput(cursors: Cursors): Guard<'validateInput', ToolCall, Bound, 'applyAccountSchema'> {
  const run = async (call: ToolCall, next: Next<Bound>): Promise<Answer> => {
    const { tool, requestId } = call
    const coerced = coerceArguments(tool, call.args)
    if (!coerced.ok) return refuse({ ...coerced.failure, request_id: requestId })
    const context = contextOf(call, tool, coerced.input)
    const { sealedCursor } = coerced
    const cursor = sealedCursor === undefined ? undefined : cursors.open(sealedCursor, context)
    if (sealedCursor !== undefined && cursor === undefined) return refuse(invalidCursor(requestId))
    const input = {
      ...coerced.input,
      ...hiddenParts(call.access.policy, tool.method.input),
      ...(cursor === undefined ? {} : { cursor }),
    }
    const answer = await next({ input })
    return answer.ok ? finish(answer, tool, input, coerced.notes, (text) => cursors.seal(text, context)) : answer
  }
  return { name: 'validateInput', after: ['applyAccountSchema'], run }
}

type Bound = Pick<BoundCall, 'input'>

function contextOf({ access: { server, account } }: Call, tool: Tool, { args }: MethodInput): CursorContext {
  return {
    tenant: server.tenant,
    accountId: account.id,
    serverId: server.id,
    toolName: tool.name,
    filter: JSON.stringify(sortedEntries(Object.entries(args))),
  }
}

function finish(
  { cursor, ...answer }: GoodAnswer,
  tool: Tool,
  { id }: MethodInput,
  coercionNotes: readonly string[],
  seal: (cursor: string) => string,
): Answer {
  const notes = [...coercionNotes, ...(answer.notes ?? [])]
  const isGone = tool.method.kind === 'delete' && id !== undefined && answer.records.length === 0
  const deleted = isGone ? { records: [{ id, deleted: true }] } : {}
  const sealed = cursor !== undefined && isPaged(tool.method) ? { cursor: seal(cursor) } : {}
  return { ...answer, ...deleted, ...sealed, ...(notes.length > 0 ? { notes } : {}) }
}

function invalidCursor(requestId: string) {
  return fail(
    'invalid_cursor',
    'Cannot continue the list: next_cursor was changed, has expired, or belongs to a call with other arguments.',
    'Call again without next_cursor to start from the first page, or send back the last next_cursor exactly as received together with the same other arguments.',
    { requestId },
  )
}
