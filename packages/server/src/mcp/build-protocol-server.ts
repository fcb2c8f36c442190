/**
 * @module
 * The protocol server of one request: it lists the tools of the URL and calls them. It is built for every request,
 * because an instance that two requests share can answer one caller with the other's data; so it must be cheap.
 */
import { Server, type ServerContext, type Tool as WireTool } from '@modelcontextprotocol/server'
import { type PolicyName, TOOL_META } from '@quartermaster/protocol'
import type { Tool, ToolSchema } from '../tools/tool.ts'
import { callTool } from './call-tool.ts'
import type { McpEndpointOptions } from './endpoint-options.ts'
import type { RequestContext } from './request-context.ts'

/** By the policy's name too: what a tool tells of itself must be true of the URL that shows it. */
const wireTools = new WeakMap<readonly Tool[], Map<string, WireTool[]>>()

/**
 * Builds it. Its only capability is `tools`: every other one would make clients send more requests for nothing.
 * The list is private to the caller's URL, in a fixed order, and one page.
 */
export function buildProtocolServer(options: McpEndpointOptions, request: RequestContext): Server {
  const { serverInfo, applyAccountSchema } = options
  const server = new Server(serverInfo, {
    capabilities: { tools: {} },
    cacheHints: { 'tools/list': { ttlMs: 0, cacheScope: 'private' } },
  })
  server.setRequestHandler('tools/list', async () => {
    const { tools, server: url } = applyAccountSchema ? await applyAccountSchema(request.access) : request.access
    return { tools: toWireTools(tools, url.config.pii) }
  })
  server.setRequestHandler('tools/call', (message, context: ServerContext) =>
    callTool(options, request, message.params.name, context),
  )
  return server
}

function toWireTools(tools: readonly Tool[], pii: PolicyName): WireTool[] {
  const byPolicy = wireTools.get(tools) ?? new Map<string, WireTool[]>()
  wireTools.set(tools, byPolicy)
  const made = byPolicy.get(pii) ?? tools.map((tool) => toWireTool(tool, pii))
  byPolicy.set(pii, made)
  return made
}

function toWireTool({ name, description, inputSchema, annotations, meta, method }: Tool, pii: PolicyName): WireTool {
  const own = method.name === meta.kind ? {} : { method: method.name }
  return {
    name,
    description,
    inputSchema: toWireSchema(inputSchema),
    annotations: { ...annotations },
    _meta: { [TOOL_META]: { ...meta, ...own, pii } },
  }
}

/** The protocol's own type wants mutable arrays. */
function toWireSchema({ type, properties, required }: ToolSchema): WireTool['inputSchema'] {
  const copied = Object.entries(properties).map(([name, { enum: values, ...property }]) => [
    name,
    { ...property, ...(values ? { enum: [...values] } : {}) },
  ])
  return { type, properties: Object.fromEntries(copied), ...(required ? { required: [...required] } : {}) }
}
