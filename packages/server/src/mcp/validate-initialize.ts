/**
 * @module
 * Answers a malformed `initialize` request of the older revisions with invalid params. The library would answer with
 * an internal error.
 */
import { isSpecType } from '@modelcontextprotocol/server'

const INVALID_PARAMS = -32_602

export interface InitializeError {
  readonly jsonrpc: '2.0'
  readonly id: string | number
  readonly error: { readonly code: number; readonly message: string }
}

/** The answer to an `initialize` request whose params cannot be read; undefined for every other message. */
export function validateInitialize(message: object): InitializeError | undefined {
  const { jsonrpc, id, method } = message as { readonly [member: string]: unknown }
  if (jsonrpc !== '2.0' || method !== 'initialize' || (typeof id !== 'string' && typeof id !== 'number'))
    return undefined
  if (isSpecType.InitializeRequest(message)) return undefined
  const why = 'Cannot initialize: params must be an object with protocolVersion, capabilities and clientInfo'
  return { jsonrpc, id, error: { code: INVALID_PARAMS, message: why } }
}
