/**
 * @module
 * Gives an MCP server a new URL that opens exactly what the old one does, until the same moment. The old one works on
 * for the overlap; the one before the old one stops at once.
 */
import type { IssuedMcpServer } from '@quartermaster/protocol'
import type { McpServer } from '../entities/mcp-server.ts'
import { shownOldUntil } from '../entities/rotation.ts'
import { hashToken, newUrlToken } from '../keys/tokens.ts'
import type { McpServerStore } from '../store/mcp-servers.ts'

/** The answer to a rotation: `url` and `token` are shown this once. */
export interface RotatedMcpServer extends IssuedMcpServer {
  /** Until when the URL before this one works; null when it has stopped. */
  readonly old_url_until: string | null
}

/** Undefined when the server is revoked or has expired. */
export async function rotateMcpServer(
  store: McpServerStore,
  server: McpServer,
  overlapS: number,
  at: { readonly now: number; readonly publicUrl: string },
): Promise<RotatedMcpServer | undefined> {
  // A derived one ends with those above it, which its own row does not know.
  if (server.revokedAt !== undefined || server.expiresAt <= at.now) return undefined
  const token = newUrlToken()
  const oldUntil = Math.min(at.now + overlapS * 1_000, server.expiresAt)
  if (!(await store.rotate(server.id, { tokenHash: hashToken(token), oldUntil }, at.now))) return undefined
  return {
    id: server.id,
    name: server.name,
    config: server.config,
    url: `${at.publicUrl}/mcp/${token}`,
    token,
    expires_at: new Date(server.expiresAt).toISOString(),
    old_url_until: shownOldUntil(oldUntil, at.now),
  }
}
