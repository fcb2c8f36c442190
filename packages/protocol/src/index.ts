/**
 * @module
 * The wire contract of Quartermaster: what server and agent side agree on. Data and pure functions; no I/O.
 */
export { type Envelope, type PageEnvelope, pageEnvelope, type RecordEnvelope, recordEnvelope } from './envelope.ts'
export {
  type Failure,
  type FailureBody,
  type FailureCode,
  FailureError,
  fail,
  failure,
  failureBody,
  failureCodes,
  isRetryable,
} from './failure.ts'
export { type FieldChange, fieldChange } from './field-change.ts'
export {
  type CreateMcpServer,
  type CreateSharedMcpServer,
  createMcpServer,
  createSharedMcpServer,
  type IssuedMcpServer,
  isWritable,
  type McpServerConfig,
  type McpServerConfigInput,
  matchesPatterns,
  mcpServerConfig,
  plainName,
} from './mcp-server.ts'
export { APPROVAL_META, DRY_RUN_META, IDEMPOTENCY_KEY_META, RATE_LIMIT_META, TOOL_META, WANT_META } from './meta.ts'
export { isRead, type MethodKind, methodGroups, methodKinds, selectsMethod } from './method.ts'
export {
  canSend,
  type HeldPermits,
  isReturnable,
  type LeaseTerms,
  leaseTimes,
  nextDemand,
  permitsToGrant,
  permitsToRequest,
  slotEnd,
} from './permit-lease.ts'
export {
  atLeastAsStrict,
  mayFilterBy,
  type PiiAction,
  type PiiClass,
  type Policy,
  type PolicyName,
  piiActions,
  piiClasses,
  policies,
  policyNames,
  strictest,
  treatmentAtLeastAsStrict,
} from './policy.ts'
export { MAX_RESET_S, type Quota, type RateLimitMeta, rateLimitHeaders, rateLimitMeta, tightest } from './quota.ts'
export type { Account } from './records/account.ts'
export type { Contact } from './records/contact.ts'
export type { ClassTree, RecordDefinition } from './records/field.ts'
export type { Lead } from './records/lead.ts'
export type { Note } from './records/note.ts'
export type { Opportunity } from './records/opportunity.ts'
export type { OpportunitySummary } from './records/opportunity-summary.ts'
export type { Pipeline, Stage } from './records/pipeline.ts'
export { type CanonicalRecord, isRecordName, type RecordName, records, summarySources } from './records/records.ts'
export type { Task } from './records/task.ts'
export type { Ticket } from './records/ticket.ts'
export type { User } from './records/user.ts'
