/**
 * @module
 * A tool is called as it was listed. A server that does not know it any more, or not like this, may have changed its tools
 * since; the model cannot see that, so it is told.
 */
const GO_ON = 'go on without it, and say that the tools must be listed again'

/** The server's advice, with what to do when its tools have changed; others than these codes are left as they are. */
export function staleToolAdvice(code: string, advice: string): string {
  if (code === 'unknown_tool') return `The server has no such tool, or has it no longer: ${GO_ON}.`
  if (code !== 'invalid_arguments') return advice
  return `${advice} Should the call fit the description that you have, the tool has changed since: ${GO_ON}.`
}
