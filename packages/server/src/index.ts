/** @module Tenants, vault, policy, audit, MCP and admin HTTP: Quartermaster as one fetch handler. */

export { ConnectRefused, connectAccount } from './accounts/connect-account.ts'
export { grantRevoker } from './accounts/grant-revoker.ts'
export { issueApiToken } from './admin/issue-api-token.ts'
export { type AuditChain, auditChain } from './audit/chain.ts'
export { type AuditEventName, auditEvents, type EventRecorder, eventRecorder } from './audit/event.ts'
export { type AuditLog, auditLog } from './audit/log.ts'
export { openIntents } from './audit/open-intents.ts'
export { refusals } from './audit/refusals.ts'
export { shownEntry, shownHead } from './audit/shown-entry.ts'
export { auditKeys } from './audit/tenant-keys.ts'
export { type VerifiedAudit, verifyAudit } from './audit/verify-audit.ts'
export type { BadRow, ChainFault, CheckedChain } from './audit/verify-chain.ts'
export { isReturnOrigin } from './connect/return-url.ts'
export type { IntegratedAccount } from './entities/account.ts'
export { type ApiScope, type ApiToken, apiScopes } from './entities/api-token.ts'
export { type AuditEntry, type ChainHead, INSTALLATION, type StoredEntry } from './entities/audit-entry.ts'
export { type KeyRing, newKey, parseKeyRing } from './keys/key-ring.ts'
export { type KeySource, type LiveKeyRing, liveKeyRing } from './keys/live-key-ring.ts'
export { hashToken, isApiToken, newApiToken, redactTokens } from './keys/tokens.ts'
export {
  noteSealingKey,
  type Resealed,
  type RingStatus,
  resealAll,
  ringStatus,
  whyNeeded,
} from './maintenance/key-rotation.ts'
export { type Moved, moveStore } from './maintenance/move-store.ts'
export { buildProtocolServer } from './mcp/build-protocol-server.ts'
export { callTool } from './mcp/call-tool.ts'
export { checkOrigin, loopbackHosts } from './mcp/check-origin.ts'
export { createMcpEndpoint, type McpEndpoint } from './mcp/endpoint.ts'
export { notifier } from './notify/notifier.ts'
export { newWebhookSecret, sealSecret } from './notify/webhook-secret.ts'
export { type OAuthApp, type OAuthClient, oauthClient } from './oauth/client.ts'
export { apiBase, authorityEndpoints, type DangerousVendorBase } from './oauth/endpoints.ts'
export type { TokenAnswer } from './oauth/read-token-answer.ts'
export { createUpstream, type LookupAll, type Upstream } from './outbound/upstream.ts'
export { sealedCursors } from './pipeline/sealed-cursors.ts'
export {
  type Classification,
  type ClassificationFault,
  ClassificationInvalid,
  noClassification,
  parseClassification,
} from './policy/classification.ts'
export { type AccountQuotaDeps, accountQuota } from './quota/account-quota.ts'
export { createQuartermaster, type Quartermaster, type QuartermasterOptions } from './server.ts'
export { openStore, type Store } from './store/open.ts'
export { openPostgresStore } from './store/open-postgres.ts'
export { type Clock, systemClock } from './time/clock.ts'
export { circuitBreaker } from './vault/circuit-breaker.ts'
export { circuitOf, type RefreshDeps, type RefreshEvent } from './vault/refresh-deps.ts'
export { refreshScheduler } from './vault/scheduler.ts'
export { tokenSource } from './vault/token-source.ts'
