/**
 * @module
 * LangGraph.js and LangChain over the client: tools, a tool node, pages as nodes and as state, a guard for agents.
 */

export type { QuotaEvent, ToolEvent } from './emit-event.ts'
export { finalAnswerAfter } from './final-answer-after.ts'
export { type InterruptOnLongWaitOptions, interruptOnLongWait } from './interrupt-on-long-wait.ts'
export type { LongWait } from './long-wait.ts'
export { type Mapped, type MapRecordsOptions, mapRecords, type RecordMap, recordOf } from './map-records.ts'
export { type MappedState, mappedValue } from './mapped-value.ts'
export { type PageGuardOptions, pageGuard } from './page-guard.ts'
export { type PagedState, pagedValue } from './paged-value.ts'
export { type PaginateNodeOptions, paginateNode } from './paginate-node.ts'
export { rateLimit } from './rate-limit.ts'
export { type RateLimitAwareOptions, rateLimitAware } from './rate-limit-aware.ts'
export { RecordTool, type RecordToolOptions, type ToolArtifact } from './record-tool.ts'
export { type RecordToolNodeOptions, recordToolNode } from './record-tool-node.ts'
export { type RecordToolsOptions, recordTools } from './record-tools.ts'
export type { StoredFault } from './stored-fault.ts'
export type { RateLimitOptions } from './third-party-tool.ts'
export { toolErrorMessage } from './tool-error-message.ts'
export type { ApprovalDecision, ApprovalRequest } from './write-approval.ts'
