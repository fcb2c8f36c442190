/**
 * @module
 * An access without a connected system: the suite calls only its own tools.
 */
import { mcpServerConfig, policies } from '@quartermaster/protocol'
import type { McpEndpoint } from '@quartermaster/server'

const names = { id: 'acc_conformance', tenant: 'ten_conformance' } as const

export const access: Parameters<McpEndpoint['handle']>[1] = {
  server: {
    id: 'mcp_conformance',
    tenant: names.tenant,
    accountId: names.id,
    name: 'Conformance',
    config: mcpServerConfig.parse({}),
    createdAt: 0,
    expiresAt: Number.MAX_SAFE_INTEGER,
    revokedAt: undefined,
  },
  account: {
    ...names,
    system: 'none',
    label: 'None',
    status: 'active',
    reason: undefined,
    scopes: undefined,
    apiBase: 'https://none.test',
    createdAt: 0,
  },
  tools: [],
  policy: policies.strip,
}
