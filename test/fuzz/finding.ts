/**
 * @module
 * What must hold of every answer: its status is not a server's fault unless that fault has a type, it is JSON or
 * empty, and it holds no secret.
 */
import { failureCodes } from '@quartermaster/protocol'
import type { Answer } from './answer.ts'

/** Something that may not be. */
export class Finding extends Error {
  override readonly name = 'Finding'
}

/** Failures of others, which have a code of their own. */
const typedStatuses = new Set([502, 503, 504])

/** @param secrets What no answer may hold. @throws Finding */
export function judge(answer: Answer, secrets: readonly string[]): void {
  const { status, text } = answer
  // A POST of MCP may be answered with one event.
  const isEvent = answer.headers['content-type'] === 'text/event-stream'
  const event = /^event: message\ndata: (.*)\n\n$/.exec(text)?.[1]
  if (text !== '') requireJson(isEvent && event !== undefined ? event : text)
  if (status >= 500 && !(typedStatuses.has(status) && hasType(text))) {
    throw new Finding(`the answer has the status ${status}: ${shown(text)}`)
  }
  // An internal error has the status 200 over MCP.
  if (/\\*"code\\*":(\\*"internal\\*"|-32603\b)/.test(text)) throw new Finding(`an internal error: ${shown(text)}`)
  if (!(status >= 100 && status < 600)) throw new Finding(`the answer has the status ${status}`)
  requireNoSecret(text, secrets, 'the answer')
  requireNoSecret(JSON.stringify(answer.headers), secrets, 'the head of the answer')
}

/** @throws Finding */
export function requireNoSecret(text: string, secrets: readonly string[], where: string): void {
  const at = secrets.findIndex((secret) => text.includes(secret))
  if (at >= 0) throw new Finding(`${where} holds secret number ${at}`)
}

function requireJson(text: string): void {
  try {
    JSON.parse(text)
  } catch {
    throw new Finding(`the answer is not JSON: ${shown(text)}`)
  }
}

function hasType(text: string): boolean {
  const body = JSON.parse(text) as { error?: { code?: unknown }; type?: unknown; request_id?: unknown }
  const code = body.error?.code
  // A failure of a call, or a problem of the rest (RFC 9457).
  return (typeof code === 'string' && Object.hasOwn(failureCodes, code)) || typeof body.request_id === 'string'
}

function shown(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
