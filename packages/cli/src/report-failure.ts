/**
 * @module
 * How a command that failed says so: one readable line, and the exit code 1. Stacks are for `DEBUG=quartermaster`.
 */
import pc from 'picocolors'

export function reportFailure(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error)
  console.error(`${pc.red('✗')} ${text}`)
  if (process.env['DEBUG'] === 'quartermaster' && error instanceof Error) console.error(error.stack, error.cause ?? '')
  process.exitCode = 1
}
