/**
 * @module
 * An MCP server: one role-scoped URL over one integrated account, or several of one tenant. The row holds the hash of its token only.
 */
import type { McpServerConfig } from '@quartermaster/protocol'

export interface McpServer {
  /** `mcp_` and 16 base62 characters; safe to log. */
  readonly id: string
  readonly tenant: string
  readonly accountId: string
  /** The others, in their order; absent when there is only the one. */
  readonly otherAccountIds?: readonly string[]
  readonly name: string
  readonly config: McpServerConfig
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly expiresAt: number
  readonly revokedAt: number | undefined
  /** Until when the token before the current one opens as well; absent when there was none. */
  readonly oldUntil?: number
  /** The URL that it was derived from, and the configurations of all its ancestors, nearest first: each of them holds too. */
  readonly parentId?: string
  readonly ancestorConfigs?: readonly McpServerConfig[]
  /** The accounts of the ancestors, in the order of `ancestorConfigs`. */
  readonly ancestorAccountIds?: readonly (readonly string[])[]
}

/** All accounts of the URL, in their order. */
export function accountIdsOf(server: Pick<McpServer, 'accountId' | 'otherAccountIds'>): readonly string[] {
  return [server.accountId, ...(server.otherAccountIds ?? [])]
}
