/**
 * @module
 * LangGraph.js and LangChain over the client: tools, a tool node, pages as nodes and as state, a guard for agents.
 */
export type { ApprovalAsked, ApprovalGiven } from './approval.ts'
export { type CrmArtifact, CrmTool, type CrmToolOptions } from './crm-tool.ts'
export { type CrmToolNodeOptions, crmToolNode } from './crm-tool-node.ts'
export { type CrmToolsOptions, crmTools } from './crm-tools.ts'
export { finalAnswerAfter } from './final-answer-after.ts'
export type { RateLimitOptions } from './foreign-call.ts'
export { type Mapped, type MapRecordsOptions, mapRecords, type RecordMap, recordOf } from './map-records.ts'
export { type MapFault, type MappedState, mappedValue } from './mapped-value.ts'
export { type PageGuardOptions, pageGuard } from './page-guard.ts'
export { type PagedState, type PageFault, pagedValue } from './paged-value.ts'
export { type PaginateNodeOptions, paginateNode } from './paginate-node.ts'
export { type Parked, type ParkOptions, parkOnLongWait } from './park-on-long-wait.ts'
export { rateLimit } from './rate-limit.ts'
export { type RateLimitAwareOptions, rateLimitAware } from './rate-limit-aware.ts'
export type { CrmEvent, QuotaSeen } from './tell.ts'
