/**
 * @module
 * The body of a POST, read once and bounded: one JSON-RPC message, never a batch.
 */
import { isJsonContentType, readRequestBody } from '@modelcontextprotocol/server'
import { isTooDeep } from '../http/is-too-deep.ts'
import { jsonRpcError } from './json-rpc-error.ts'

/** Longer than any sensible call: an argument may have 64 KiB. */
const MAX_BODY_BYTES = 1_048_576

export type ReadMessage =
  | { readonly ok: true; readonly body: object }
  | { readonly ok: false; readonly response: Response }

/** Reads and parses the body, or says with the right status why it cannot. */
export async function readMessage(request: Request): Promise<ReadMessage> {
  if (!isJsonContentType(request.headers.get('content-type'))) {
    return refused(415, -32_600, 'Cannot read the request: its content type must be application/json')
  }
  const read = await readRequestBody(request, MAX_BODY_BYTES)
  if (read.tooLarge) return refused(413, -32_600, `Cannot read the request: it is longer than ${MAX_BODY_BYTES} bytes`)
  if (isTooDeep(read.text)) return refused(400, -32_600, 'Cannot read the message: it is nested too deeply')
  const body = parse(read.text)
  if (body === undefined) return refused(400, -32_700, 'Cannot read the request: it is not valid JSON')
  if (Array.isArray(body)) return refused(400, -32_600, 'Cannot read the request: batches are not supported')
  if (typeof body !== 'object' || body === null) {
    return refused(400, -32_600, 'Cannot read the request: it is not a JSON-RPC message')
  }
  return { ok: true, body }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refused(status: number, code: number, message: string): ReadMessage {
  return { ok: false, response: jsonRpcError(status, code, message) }
}
