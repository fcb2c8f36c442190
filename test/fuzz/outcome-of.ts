/**
 * @module
 * What came of a call, in a word, wherever the transport puts it: `ok`, the code of a failure, or a status.
 */
import type { Answer } from './answer.ts'

export function outcomeOf({ status, text }: Pick<Answer, 'status' | 'text'>): string {
  const code = /\\*"error\\*":\s*\{\\*"code\\*":\\*"?([\w-]+)/.exec(text)?.[1]
  if (code !== undefined) return code
  return status < 300 ? 'ok' : String(status)
}
