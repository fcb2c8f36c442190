/**
 * @module
 * Tools that are answered by the process itself instead of by a connected system. The product has none; a protocol
 * test suite that calls tools it knows by name puts them here.
 */
import type { CallToolResult, ServerContext, Tool } from '@modelcontextprotocol/server'

export interface ExtraTools {
  readonly list: readonly Tool[]
  /** Undefined when `name` is not one of them. */
  call(name: string, args: unknown, context: ServerContext): Promise<CallToolResult> | undefined
}
