/**
 * @module
 * The tools behind an MCP URL as LangChain tools. They never throw into a graph: whatever goes wrong is a message that a
 * planner can read and an artifact that code can read.
 */
import type { StructuredTool } from '@langchain/core/tools'
import { callPolicy, type McpConn, type McpTool, type RunLimits } from '@quartermaster/client'
import type { Toolset } from '@quartermaster/toolsets'
import { coerceArguments } from './coerce-arguments.ts'
import { RecordTool, type RecordToolOptions } from './record-tool.ts'
import { type Counted, runLimiters } from './run-limiters.ts'

/** `account`: any stable name of the connected account. `gate`: one per process, shared by all that touch the account. */
export interface RecordToolsOptions extends RecordToolOptions {
  /** Cuts the list down once more, and refuses a URL that shows or offers more than the toolset. */
  readonly toolset?: Pick<Toolset, 'tools'>
  readonly filter?: (tool: McpTool) => boolean
  /**
   * Bounds for each run, `false` for none. A run begins at the last human message: what these tools were called with since then
   * is read from the messages in the graph's state, so a resumed run goes on counting and no other run is counted with it.
   * Outside of a graph nothing is counted.
   */
  readonly runLimits?: RunLimits | false
}

/**
 * Lists the tools of a connection and makes each a LangChain tool with the server's own JSON Schema.
 *
 * @example
 * ```ts
 * const tools = await recordTools(conn, { account: 'acc_1', gate, toolset: roles.sales })
 * const agent = createAgent({ model: 'openai:gpt-5.5', tools })
 * ```
 * @throws ToolsetRefused when the URL is not as strict as the toolset, or offers too much or too little for it; Error when no
 * tool is left without one. An agent without its tools must not start.
 */
export async function recordTools(conn: McpConn, options: RecordToolsOptions): Promise<StructuredTool[]> {
  callPolicy(options.policy)
  const { toolset, filter, runLimits } = options
  const offered = await conn.listTools()
  const wanted = filter ? offered.filter(filter) : offered
  const tools = toolset ? toolset.tools(wanted) : wanted
  if (tools.length === 0) {
    throw new Error(`Cannot equip the agent: none of the ${offered.length} tools behind the URL is one`)
  }
  const schemas = new Map(tools.map(({ name, inputSchema }) => [name, inputSchema]))
  const counted: Counted = (name, args) => {
    const schema = schemas.get(name)
    return schema && coerceArguments(args, schema)
  }
  const limiters = runLimits === false ? undefined : runLimiters(runLimits ?? {}, counted)
  return tools.map((tool) => new RecordTool(conn, tool, options, limiters))
}
