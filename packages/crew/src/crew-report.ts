/**
 * @module
 * What a crew's work cost and which tool calls failed on the way.
 */
import { type AIMessage, type BaseMessage, ToolMessage } from '@langchain/core/messages'
import { z } from 'zod'

/** Sums over all model calls of a run, those of delegates and of repeated attempts included. */
export interface Usage {
  readonly modelCalls: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
}

/** A tool call that an agent was told had failed. */
export interface ToolFailure {
  readonly task: string
  readonly agent: string
  readonly tool: string
  readonly code: string
  readonly message: string
}

export interface Report {
  readonly usage: Usage
  readonly toolFailures: readonly ToolFailure[]
}

export const noUsage: Usage = { modelCalls: 0, inputTokens: 0, outputTokens: 0, totalTokens: 0 }

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    modelCalls: a.modelCalls + b.modelCalls,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    totalTokens: a.totalTokens + b.totalTokens,
  }
}

/** The tokens that an answer says it took. */
export function tokensOf(answer: AIMessage): Usage {
  const said = answer.usage_metadata
  return {
    modelCalls: 0,
    inputTokens: said?.input_tokens ?? 0,
    outputTokens: said?.output_tokens ?? 0,
    totalTokens: said?.total_tokens ?? 0,
  }
}

const described = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** Failed tool calls among messages. Free text of a foreign tool is cut: it may be anything. */
export function toolFailuresIn(messages: readonly BaseMessage[], by: { task: string; agent: string }): ToolFailure[] {
  return messages.flatMap((message) => {
    if (!ToolMessage.isInstance(message) || message.status !== 'error') return []
    const error = described.safeParse(message.artifact).data?.error
    const { code, message: reason } = error ?? { code: 'tool_error', message: message.text.slice(0, 200) }
    return [{ ...by, tool: message.name ?? '', code, message: reason }]
  })
}
