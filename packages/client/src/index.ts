/**
 * @module
 * The agent side without a framework: connect to a tool URL, call with retries, share one gate per account, limit a run.
 */
export { type Attempt, backoff, type RetryDecision } from './backoff.ts'
export { type CallError, type CallFault, type ClientCode, callErrorText, type WriteApproval } from './call-error.ts'
export type { CallEvent, CallStep } from './call-event.ts'
export { type CallPolicy, callPolicy, defaultCallPolicy } from './call-policy.ts'
export {
  type CallOptions,
  type CallOutcome,
  callThirdPartyTool,
  callTool,
  type ThirdPartyOutcome,
} from './call-tool.ts'
export { type Connected, type ConnectOptions, connect } from './connect.ts'
export { type ConnectCode, ConnectError } from './connect-error.ts'
export type {
  BucketObservation,
  Departure,
  EnterOptions,
  Entry,
  RateGateOptions,
  WaitNotice,
  WaitReason,
} from './gate/entry.ts'
export type { GateEvent } from './gate/gate-event.ts'
export type { GateStore, LeaseRequest, PermitLease, ReturnedLease } from './gate/gate-store.ts'
export { type RedisEval, type RedisGateStoreOptions, redisGateStore } from './gate/redis-gate-store.ts'
export { type SqlGateStoreOptions, type SqlQuery, sqlGateStore } from './gate/sql-gate-store.ts'
export { type SqliteGateStore, sqliteGateStore } from './gate/sqlite-gate-store.ts'
export type { Fetch } from './guarded-fetch.ts'
export { type ListAllOptions, type Listed, listAll } from './list-all.ts'
export type {
  McpCallRequest,
  McpConn,
  McpRequestOptions,
  McpResult,
  McpTool,
  ToolHints,
  ToolRef,
} from './mcp-conn.ts'
export { type Page, type Paged, type PageOptions, paginate } from './paginate.ts'
export { RateGate } from './rate-gate.ts'
export { type AttemptFacts, readStop } from './read-exception.ts'
export { readFailure } from './read-result.ts'
export { readThirdPartyFailure } from './read-third-party-result.ts'
export { RunLimiter, type RunLimits } from './run-limiter.ts'
export { type Clock, systemClock } from './time/clock.ts'
export { DeadlineExceeded, type DeadlineOptions, deadline } from './time/deadline.ts'
export { type AttemptResult, type RetryOptions, type RetryOutcome, withRetry } from './with-retry.ts'
