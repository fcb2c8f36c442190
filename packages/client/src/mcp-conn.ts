/**
 * @module
 * What this package needs of an MCP connection. Any object with these functions will do.
 */
import type { Quota } from '@quartermaster/protocol'

/** A tool as `tools/list` shows it. */
export interface McpTool {
  readonly name: string
  readonly title?: string
  readonly description?: string
  /** JSON Schema of the arguments; an object schema. */
  readonly inputSchema: Readonly<Record<string, unknown>>
  readonly annotations?: ToolHints
  readonly _meta?: Readonly<Record<string, unknown>>
}

/** MCP tool annotations: what a call of the tool may change. */
export interface ToolHints {
  readonly title?: string
  readonly readOnlyHint?: boolean
  readonly destructiveHint?: boolean
  readonly idempotentHint?: boolean
  readonly openWorldHint?: boolean
}

/** As much of a tool as a call needs: its name, and whether it may be repeated. */
export type ToolRef = Pick<McpTool, 'name' | 'annotations'>

/**
 * Where a connection notes the quotas that the HTTP response of a result named in its `RateLimit` fields. A symbol, because
 * no server can put one into its JSON.
 */
export const QUOTAS: unique symbol = Symbol('quotas')

/** A `CallToolResult`, unread. */
export interface McpResult {
  readonly [QUOTAS]?: readonly Quota[] | undefined
  readonly content?: readonly unknown[]
  readonly isError?: boolean
  readonly _meta?: Readonly<Record<string, unknown>>
}

/** The parameters of `tools/call`. */
export interface McpCallRequest {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly _meta?: Readonly<Record<string, unknown>>
}

/** Limits of one request. */
export interface McpRequestOptions {
  readonly signal?: AbortSignal
  /** Milliseconds for this one request. */
  readonly timeoutMs?: number
}

/** One MCP server as an agent sees it. */
export interface McpConn {
  listTools(options?: McpRequestOptions): Promise<readonly McpTool[]>
  /** @throws when there is no answer at all; a refused call is a result with `isError`. */
  callTool(request: McpCallRequest, options?: McpRequestOptions): Promise<McpResult>
  close(): Promise<void>
}
