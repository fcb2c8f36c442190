/**
 * @module
 * LangGraph.js and LangChain over the client: tools, a tool node, pages as nodes and as state, a guard for agents.
 */
export { type CrmArtifact, CrmTool, type CrmToolOptions } from './crm-tool.ts'
export { crmToolNode } from './crm-tool-node.ts'
export { type CrmToolsOptions, crmTools } from './crm-tools.ts'
