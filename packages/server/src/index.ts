/** @module Tenants, vault, policy, audit, MCP and admin HTTP: Quartermaster as one fetch handler. */

export { type AuditChain, auditChain } from './audit/chain.ts'
export { type AuditEntry, type ChainHead, INSTALLATION, type StoredEntry } from './audit/entry.ts'
export { type AuditEventName, auditEvents, type EventRecorder, eventRecorder } from './audit/event.ts'
export { type AuditLog, auditLog } from './audit/log.ts'
export { openIntents } from './audit/open-intents.ts'
export { refusals } from './audit/refusals.ts'
export { shownEntry, shownHead } from './audit/shown-entry.ts'
export { auditKeys } from './audit/tenant-keys.ts'
export { type VerifiedAudit, verifyAudit } from './audit/verify-audit.ts'
export type { BadRow, ChainFault, CheckedChain } from './audit/verify-chain.ts'
export { isReturnOrigin } from './connect/return-url.ts'
export { createUpstream, type LookupAll, type Upstream } from './http/upstream.ts'
export { checkOrigin, loopbackHosts } from './mcp/check-origin.ts'
export { createMcpEndpoint, type McpEndpoint } from './mcp/endpoint.ts'
export { type Notifier, notifier } from './notify/notifier.ts'
export { newWebhookSecret, sealSecret } from './notify/webhook-secret.ts'
export { type OAuthApp, type OAuthClient, oauthClient, type TokenAnswer } from './oauth/client.ts'
export { apiBase, authorityEndpoints, type DangerousVendorBase } from './oauth/endpoints.ts'
export {
  type Classification,
  type ClassificationFault,
  ClassificationInvalid,
  noClassification,
  parseClassification,
} from './policy/classification.ts'
export { accountBudget, type BudgetParts } from './quota/account-budget.ts'
export { createQuartermaster, type Quartermaster, type QuartermasterOptions } from './server.ts'
export { type Moved, moveStore } from './store/move-store.ts'
export { openStore, type Store } from './store/open.ts'
export { openPostgresStore } from './store/open-postgres.ts'
export type { IntegratedAccount } from './tenants/account.ts'
export { type ApiScope, type ApiToken, apiScopes } from './tenants/api-token.ts'
export { ConnectRefused, connectAccount } from './tenants/connect-account.ts'
export { grantRevoker } from './tenants/grant-revoker.ts'
export { issueApiToken } from './tenants/issue-api-token.ts'
export { hashToken, isApiToken, newApiToken, redactTokens } from './tenants/tokens.ts'
export { circuitBreaker } from './vault/breaker.ts'
export { type Clock, systemClock } from './vault/clock.ts'
export { type KeyRing, newKey, parseKeyRing } from './vault/key-ring.ts'
export {
  noteSealingKey,
  type Resealed,
  type RingStatus,
  resealAll,
  ringStatus,
  whyNeeded,
} from './vault/key-rotation.ts'
export { type KeySource, type LiveKeyRing, liveKeyRing } from './vault/live-key-ring.ts'
export { circuitOf, type RefreshEvent, type RefreshParts } from './vault/refresh-parts.ts'
export { refreshScheduler } from './vault/scheduler.ts'
export { sealedCursors } from './vault/sealed-cursors.ts'
export { tokenSource } from './vault/token-source.ts'
