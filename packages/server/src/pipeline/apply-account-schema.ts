/**
 * @module
 * Guard: a call is for the tool as its account has it.
 */
import { type ApplyAccountSchema, sourceOf } from './account-schemas.ts'
import { toolHashOf } from './argument-names.ts'
import type { Answer, AuditedCall, ToolCall } from './call.ts'
import type { Guard, Next } from './compose.ts'
import { type IntentDeps, leaveIntent, refuseUnrecorded } from './intent.ts'

/**
 * Replaces the tool that `authorize` found by the account's own, when its fields make a difference to it. The system is
 * asked for them only when the audit would let a read be sent: else the call is refused.
 */
export function applyAccountSchema(
  apply: ApplyAccountSchema,
  intents: Omit<IntentDeps, 'keys'>,
): Guard<'applyAccountSchema', AuditedCall & ToolCall, Own, 'authorize'> {
  const run = async (call: AuditedCall & ToolCall, next: Next<Own>): Promise<Answer> => {
    const { tool, trace } = call
    if (!sourceOf(tool.method)) return next()
    let fault: { readonly cause: unknown } | undefined
    const record = async () => {
      try {
        await leaveIntent(intents, call)
      } catch (cause) {
        fault = { cause }
        throw cause
      }
    }
    const access = await apply(call.access, { method: tool.method, record, outside: trace.storeDeadline.suspendWhile })
    if (fault) return refuseUnrecorded(intents, call, fault.cause)
    if (access === call.access) return next()
    const own = access.tools.find(({ name }) => name === tool.name) ?? tool
    trace.toolHash = toolHashOf(own)
    return next({ access, tool: own })
  }
  return { name: 'applyAccountSchema', after: ['authorize'], run }
}

type Own = Partial<Pick<ToolCall, 'access' | 'tool'>>
