/**
 * @module
 * Roles: which tools and which data a member of the crew may carry, and how to have the server issue their URLs.
 */
export {
  type AdminClient,
  type AdminClientOptions,
  adminClient,
  type ListedMcpServer,
  type RotatedMcpServer,
  type RuntimeToken,
} from './admin-client.ts'
export { AdminError } from './admin-error.ts'
export type { ExplainedTool } from './explained-tool.ts'
export { roles } from './roles.ts'
export { type DescribedTool, type ToolFacts, toolFacts } from './tool-facts.ts'
export { type IssueOptions, type MethodWord, Toolset, toolset } from './toolset.ts'
export { type RefusalWhy, ToolsetRefused } from './toolset-refused.ts'
