/**
 * @module
 * Guard: pseudonyms in the arguments become what they stand for. It is one of the last, so that whatever keeps, shows or
 * compares a call on its way (a preview, an approval, a key of a repeated write) knows pseudonyms only.
 */
import { fail } from '@quartermaster/protocol'
import type { PseudonymKeys } from '../policy/pseudonym-keys.ts'
import { resolveArguments, usesPseudonyms } from '../tools/resolve-arguments.ts'
import type { Tool } from '../tools/tool.ts'
import { type Answer, type BoundCall, refuse } from './call.ts'
import type { Guard, Next } from './compose.ts'

/** @param keys Without them no pseudonym opens. */
export function resolve(keys?: PseudonymKeys): Guard<'resolve', BoundCall, Resolved, 'approve'> {
  const run = async (call: BoundCall, next: Next<Resolved>): Promise<Answer> => {
    const { tool, input, access, requestId } = call
    const { account, policy, server } = access
    const granted = server.config.resolve_pseudonyms === true
    if (!usesPseudonyms(policy, granted)) return next()
    const pseudonyms = await keys?.of(account.tenant)
    const resolved = resolveArguments(tool, input, { policy, granted, accountId: account.id, pseudonyms })
    if (!resolved.ok) return refuse(notPseudonyms(tool, resolved.faults, requestId))
    return next({ input: resolved.input })
  }
  return { name: 'resolve', after: ['approve'], run }
}

type Resolved = Partial<Pick<BoundCall, 'input'>>

function notPseudonyms(tool: Tool, names: readonly string[], requestId: string) {
  return fail(
    'invalid_arguments',
    `Cannot call ${tool.name}: ${names.map((name) => `"${name}"`).join(', ')} must be a pseudonym (psn_…).`,
    'Use a pseudonym exactly as it stands in an earlier answer.',
    { requestId },
  )
}
