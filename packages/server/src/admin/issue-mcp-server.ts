/**
 * @module
 * Makes an MCP server URL for an account, or for several of one tenant. Its token is returned once; the store keeps its hash.
 */
import type { CreateMcpServer, IssuedMcpServer } from '@quartermaster/protocol'
import type { IntegratedAccount } from '../entities/account.ts'
import { hashToken, newServerId, newUrlToken } from '../keys/tokens.ts'
import type { McpServerStore } from '../store/mcp-servers.ts'

export async function issueMcpServer(
  store: McpServerStore,
  accounts: readonly [IntegratedAccount, ...IntegratedAccount[]],
  input: CreateMcpServer,
  at: { readonly now: number; readonly publicUrl: string },
): Promise<IssuedMcpServer> {
  const [account, ...others] = accounts
  const token = newUrlToken()
  const expiresAt = at.now + input.config.expires_in_s * 1000
  const server = {
    id: newServerId(),
    tenant: account.tenant,
    accountId: account.id,
    ...(others.length > 0 ? { otherAccountIds: others.map(({ id }) => id) } : {}),
    name: input.name,
    config: input.config,
    createdAt: at.now,
    expiresAt,
    revokedAt: undefined,
  }
  await store.insert(server, hashToken(token))
  return {
    id: server.id,
    name: input.name,
    config: input.config,
    url: `${at.publicUrl}/mcp/${token}`,
    token,
    expires_at: new Date(expiresAt).toISOString(),
  }
}
