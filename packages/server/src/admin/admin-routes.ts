/**
 * @module
 * What operators and a tenant's administrators do, by API token: accounts, URLs, tokens, approvals, webhooks, the audit.
 */
import { Hono } from 'hono'
import { accountRoutes } from './account-routes.ts'
import type { AdminDeps } from './admin-deps.ts'
import { apiTokenRoutes } from './api-token-routes.ts'
import { approvalRoutes } from './approval-routes.ts'
import { auditRoutes } from './audit-routes.ts'
import { bulkRevokeRoutes } from './bulk-revoke-routes.ts'
import { accountServerRoutes, serverRoutes } from './mcp-server-routes.ts'
import { toolRoutes } from './tool-routes.ts'
import { webhookRoutes } from './webhook-routes.ts'

export function adminRoutes(deps: AdminDeps): Hono {
  const routes = new Hono()
  routes.route('/integrated-account', accountRoutes(deps))
  routes.route('/integrated-account', accountServerRoutes(deps))
  routes.route('/integrated-account', toolRoutes(deps))
  routes.route('/mcp-server', serverRoutes(deps))
  routes.route('/api-token', apiTokenRoutes(deps))
  routes.route('/approval', approvalRoutes(deps))
  routes.route('/tenant', bulkRevokeRoutes(deps))
  routes.route('/audit', auditRoutes(deps))
  routes.route('/webhook-endpoint', webhookRoutes(deps))
  return routes
}
