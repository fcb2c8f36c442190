/**
 * @module
 * What a crew's work has produced so far, what it cost, and which tool calls failed on the way.
 */
import { AIMessage, type BaseMessage, ToolMessage } from '@langchain/core/messages'
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

/** What work has cost, and which of its tool calls failed. */
export interface RunReport {
  readonly usage: Usage
  readonly toolFailures: readonly ToolFailure[]
}

/** The finished tasks of a run. */
export interface FinishedTasks extends RunReport {
  /** Answers by task. */
  readonly out: Readonly<Record<string, unknown>>
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

/** What a question to a colleague leaves beside the colleague's words. */
export interface AskedArtifact {
  readonly asked: RunReport
}

const count = z.number().nonnegative()
const askedArtifact: z.ZodType<AskedArtifact> = z.object({
  asked: z.object({
    usage: z.object({ modelCalls: count, inputTokens: count, outputTokens: count, totalTokens: count }),
    toolFailures: z.array(
      z.object({ task: z.string(), agent: z.string(), tool: z.string(), code: z.string(), message: z.string() }),
    ),
  }),
})

/**
 * What a conversation took: by the agent itself, and by the colleagues it has asked. Read from its messages, so that it
 * is whole after an interrupt too. Free text of a third-party tool is cut: it may be anything.
 */
export function conversationReport(
  messages: readonly BaseMessage[],
  by: { task: string; agent: string },
): { readonly own: Usage; readonly asked: Usage; readonly toolFailures: readonly ToolFailure[] } {
  let [own, asked] = [noUsage, noUsage]
  const toolFailures: ToolFailure[] = []
  for (const message of messages) {
    if (AIMessage.isInstance(message)) {
      own = addUsage(own, { ...tokensOf(message), modelCalls: message.response_metadata[CALLED] === true ? 1 : 0 })
      continue
    }
    if (!ToolMessage.isInstance(message)) continue
    const report = askedArtifact.safeParse(message.artifact).data?.asked
    if (report) {
      asked = addUsage(asked, report.usage)
      toolFailures.push(...report.toolFailures)
    }
    if (message.status !== 'error') continue
    const error = described.safeParse(message.artifact).data?.error
    const { code, message: reason } = error ?? { code: 'tool_error', message: message.text.slice(0, 200) }
    toolFailures.push({ ...by, tool: message.name ?? '', code, message: reason })
  }
  return { own, asked, toolFailures }
}

const CALLED = 'quartermaster_model_call'

/** Marks what a model has said; a conversation also holds answers that frameworks put in by themselves. */
export function markModelCall(answer: AIMessage): void {
  answer.response_metadata = { ...answer.response_metadata, [CALLED]: true }
}
