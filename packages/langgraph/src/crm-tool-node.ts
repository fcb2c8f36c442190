/**
 * @module
 * LangGraph's own tool node, except that a tool which does not exist is answered like any other failure: in JSON, with
 * the names that do exist.
 */
import { type AIMessage, ToolMessage } from '@langchain/core/messages'
import type { StructuredTool } from '@langchain/core/tools'
import type { LangGraphRunnableConfig } from '@langchain/langgraph'
import { ToolNode } from '@langchain/langgraph/prebuilt'
import { type CallError, callErrorText } from '@quartermaster/client'

type ToolCall = NonNullable<AIMessage['tool_calls']>[number]

class CrmToolNode extends ToolNode {
  protected override async runTool(call: ToolCall, config: LangGraphRunnableConfig, state: unknown) {
    if (this.tools.some((tool) => tool.name === call.name)) return super.runTool(call, config, state)
    const error: CallError = {
      code: 'unknown_tool',
      status: 404,
      message: 'There is no such tool.',
      retryable: false,
      attempts: 0,
      advice: `Use one of: ${this.tools.map((tool) => tool.name).join(', ')}.`,
    }
    return new ToolMessage({
      status: 'error',
      content: callErrorText(error),
      artifact: { error },
      name: call.name,
      tool_call_id: call.id ?? '',
    })
  }
}

/**
 * A node that runs the tool calls of the last message, side by side; the account's gate keeps them within its limits.
 *
 * @example
 * ```ts
 * const graph = new StateGraph(MessagesAnnotation).addNode('tools', crmToolNode(tools))
 * ```
 */
export function crmToolNode(tools: StructuredTool[]): ToolNode {
  return new CrmToolNode(tools)
}
