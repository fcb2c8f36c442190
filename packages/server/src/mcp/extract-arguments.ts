/**
 * @module
 * Takes the arguments out of a `tools/call` before the protocol server validates it, so that arguments of a wrong
 * shape become a tool error that a model can read and correct, not a protocol error that clients hide.
 */

export interface ExtractedArguments {
  /** The message with an empty object for arguments. */
  readonly body: object
  readonly args: unknown
}

/** Returns `body` itself when it is no `tools/call` with arguments. */
export function extractArguments(body: object): ExtractedArguments {
  const { method, params } = body as { readonly method?: unknown; readonly params?: unknown }
  const isCall = method === 'tools/call' && typeof params === 'object' && params !== null
  if (!isCall || !('arguments' in params)) return { body, args: undefined }
  return { body: { ...body, params: { ...params, arguments: {} } }, args: params.arguments }
}
