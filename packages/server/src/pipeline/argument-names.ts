/**
 * @module
 * What the audit keeps of a call's arguments: their names, and a text that is digested with a key and then forgotten.
 */
import { createHash, createHmac } from 'node:crypto'
import type { MethodInput } from '@quartermaster/connectors'
import { stringify } from 'safe-stable-stringify'
import type { TenantKeys } from '../audit/chain-row.ts'
import type { Tool } from '../tools/tool.ts'

/** 128 bits: enough that two different calls never look equal, and short. */
const DIGEST_LENGTH = 22
const TOOL_HASH_LENGTH = 16

/** The published names of the arguments that the call has, sorted. */
export function argumentNames(input: MethodInput): string {
  return Object.keys(flat(input)).sort().join()
}

/** Equal for equal arguments of one tool on one account; tells nothing without the tenant's key. */
export function digestOf(keys: TenantKeys, toolName: string, accountId: string, input: MethodInput): string {
  const text = stringify([toolName, accountId, flat(input)])
  return createHmac('sha256', keys.digest).update(text).digest('base64url').slice(0, DIGEST_LENGTH)
}

const hashes = new WeakMap<Tool, string>()

/** Changes when the tool's name, description or schema does: what the model was told it would do. */
export function toolHashOf(tool: Tool): string {
  const known = hashes.get(tool)
  if (known !== undefined) return known
  const text = JSON.stringify([tool.name, tool.description, tool.inputSchema, tool.annotations])
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, TOOL_HASH_LENGTH)
  hashes.set(tool, hash)
  return hash
}

/** One level of names, as the tool publishes them. */
function flat({ id, args, limit, cursor }: MethodInput): Readonly<Record<string, unknown>> {
  return {
    ...args,
    ...(id === undefined ? {} : { id }),
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { next_cursor: cursor }),
  }
}
