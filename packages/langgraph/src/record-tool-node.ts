/**
 * @module
 * LangGraph's own tool node, except that nothing a tool does escapes it: a tool that does not exist, that throws or that is
 * called in circles is answered in JSON, like any other failure.
 */
import type { AIMessage } from '@langchain/core/messages'
import type { StructuredTool } from '@langchain/core/tools'
import type { LangGraphRunnableConfig } from '@langchain/langgraph'
import { ToolNode } from '@langchain/langgraph/prebuilt'
import type { CallError } from '@quartermaster/client'
import { RecordTool } from './record-tool.ts'
import { type RunLimiterOf, runLimiters } from './run-limiters.ts'
import { callOnce, callWithRetry, type RateLimitOptions } from './third-party-tool.ts'
import { toolErrorMessage } from './tool-error-message.ts'

type ToolCall = NonNullable<AIMessage['tool_calls']>[number]

/** For the third-party tools of the node. With an `account` and a `gate`, they wait as with `rateLimit()`. */
export type RecordToolNodeOptions =
  | RateLimitOptions
  | { readonly account?: never; readonly gate?: never; readonly runLimits?: RateLimitOptions['runLimits'] }

class RecordToolNode extends ToolNode {
  readonly #options: RecordToolNodeOptions
  readonly #limiters: RunLimiterOf | undefined
  /** By the config of one visit of the node. */
  readonly #turns = new WeakMap<LangGraphRunnableConfig, Promise<unknown>>()

  constructor(tools: StructuredTool[], options: RecordToolNodeOptions) {
    super(tools, { handleToolErrors: false })
    const thirdParty = new Set(tools.filter((tool) => !(tool instanceof RecordTool)).map(({ name }) => name))
    this.#options = options
    this.#limiters =
      options.runLimits === false
        ? undefined
        : runLimiters(options.runLimits ?? {}, (name, args) => (thirdParty.has(name) ? args : undefined))
  }

  protected override async runTool(call: ToolCall, config: LangGraphRunnableConfig, state: unknown) {
    const tool = this.tools.find(({ name }) => name === call.name)
    if (tool instanceof RecordTool) {
      const run = () => super.runTool(call, config, state)
      return tool.mayNeedApproval ? this.#inTurn(config, run) : run()
    }
    const { name, id, args } = call
    if (!tool) return toolErrorMessage(this.#unknown(), { name, id })
    const limiter = this.#limiters?.({ state, toolCall: { id } })
    const refusal = limiter?.admit(name, args)
    if (refusal) return toolErrorMessage(refusal, { name, id })
    const made = {
      name,
      id,
      tool,
      signal: config.signal,
      writer: config.writer,
      work: (signal: AbortSignal | undefined) => super.runTool(call, signal ? { ...config, signal } : config, state),
    }
    const options = this.#options
    const answer = await (options.gate ? callWithRetry(made, options) : callOnce(made))
    return answer as Awaited<ReturnType<ToolNode['runTool']>>
  }

  /**
   * LangGraph hands the answers of a node to the call that interrupts first. In turn, the calls interrupt in the same order each
   * time, and a person sees one question at a time; an interrupt ends the turns.
   */
  #inTurn<T>(config: LangGraphRunnableConfig, run: () => Promise<T>): Promise<T> {
    const mine = (this.#turns.get(config) ?? Promise.resolve()).then(run)
    this.#turns.set(config, mine)
    return mine
  }

  #unknown(): CallError {
    return {
      code: 'unknown_tool',
      status: 404,
      message: 'There is no such tool.',
      retryable: false,
      attempts: 0,
      advice: `Use one of: ${this.tools.map((tool) => tool.name).join(', ')}.`,
    }
  }
}

/**
 * A node that runs the tool calls of the last message, side by side. Tools of {@link recordTools} wait at the account's gate and
 * are counted as their `runLimits` says; `options` does the same for other tools, which are counted unless `runLimits` is
 * `false`. All counts are read from the messages in the graph's state since the last human one.
 *
 * @example
 * ```ts
 * const graph = new StateGraph(MessagesAnnotation).addNode('tools', recordToolNode(tools))
 * ```
 */
export function recordToolNode(tools: StructuredTool[], options: RecordToolNodeOptions = {}): ToolNode {
  return new RecordToolNode(tools, options)
}
