/**
 * @module
 * A JSON-RPC error response for a request that never reaches the protocol server.
 */

export interface JsonRpcErrorOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** The request's id, when it is known and is one. */
  readonly id?: unknown
  /** What a program reads of it. */
  readonly data?: object
}

/** Builds it; `code` is one of JSON-RPC's own. */
export function jsonRpcError(
  status: number,
  code: number,
  message: string,
  options: JsonRpcErrorOptions = {},
): Response {
  const { headers = {}, id, data } = options
  const echoed = typeof id === 'string' || typeof id === 'number' ? id : null
  return Response.json(
    { jsonrpc: '2.0', error: { code, message, ...(data ? { data } : {}) }, id: echoed },
    { status, headers },
  )
}
