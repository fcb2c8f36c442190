/**
 * @module
 * Reads a request body as a JSON object, with Salesforce's complaints when it is none.
 */
import { type Refused, refused } from '../refusal.ts'
import type { Call } from './resource.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** @throws {Refused} 415 for another content type, 400 JSON_PARSER_ERROR for anything that is no JSON object. */
export async function readObject(call: Call): Promise<JsonObject> {
  const contentType = call.req.header('content-type') ?? ''
  if (!contentType.includes('json')) {
    throw refused(415, 'UNSUPPORTED_MEDIA_TYPE', `The content type is not supported: ${contentType}`)
  }
  const text = await call.req.text()
  if (text.trim() === '') throw unreadable('The HTTP entity body is required, but this request has no entity body.')
  const parsed = parse(text)
  if (!isObject(parsed)) {
    throw unreadable('Cannot deserialize instance of a JSON object from the given value at [line:1, column:1]')
  }
  return parsed
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The list of texts under a name. @throws {Refused} when it is missing or holds anything else. */
export function readTexts(body: JsonObject, name: string): readonly string[] {
  const value = body[name]
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw unreadable(`Cannot deserialize instance of list of strings from ${name}`)
  }
  return value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unreadable('Unexpected character or end of input in the JSON at [line:1, column:1]')
  }
}

function unreadable(message: string): Refused {
  return refused(400, 'JSON_PARSER_ERROR', message)
}
