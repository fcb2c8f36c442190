/**
 * @module
 * A model without a model: a plain function decides the next step from the conversation. It lets graphs and crews run
 * for real without a key; whoever shows it to people should say that it is scripted.
 */
import type { BaseLanguageModelInput } from '@langchain/core/language_models/base'
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BindToolsInput,
} from '@langchain/core/language_models/chat_models'
import { AIMessage, type AIMessageChunk, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import type { ChatResult } from '@langchain/core/outputs'
import type { Runnable } from '@langchain/core/runnables'
import { z } from 'zod'

/** What the script may look at. */
export interface ScriptedTurn {
  readonly messages: readonly BaseMessage[]
  /** The last thing a person, or the crew, asked. */
  readonly question: string
  /** What tools have answered since then. */
  readonly results: readonly ToolMessage[]
  /** Names of the tools that may be called now; among them `answer_<task>` when an answer has a form. */
  readonly tools: readonly string[]
}

/** A text is the final answer; calls are carried out side by side, and the script is asked again. */
export type ScriptedMove = string | { readonly calls: readonly ScriptedCall[] }

/** One tool call that the script makes. */
export interface ScriptedCall {
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
}

interface ScriptedOptions extends BaseChatModelCallOptions {
  readonly tools?: readonly string[]
}

/** A chat model that can be given tools. */
export type ToolCallingModel = BaseChatModel & Required<Pick<BaseChatModel, 'bindTools'>>

class ScriptedModel extends BaseChatModel<ScriptedOptions> {
  readonly #decide: (turn: ScriptedTurn) => ScriptedMove

  constructor(decide: (turn: ScriptedTurn) => ScriptedMove) {
    super({})
    this.#decide = decide
  }

  override _llmType(): string {
    return 'scripted'
  }

  override bindTools(
    tools: BindToolsInput[],
    options?: Partial<ScriptedOptions>,
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, ScriptedOptions> {
    return this.withConfig({ ...options, tools: tools.map(nameOf) })
  }

  override async _generate(messages: BaseMessage[], options: ScriptedOptions): Promise<ChatResult> {
    const asked = messages.findLastIndex((message) => HumanMessage.isInstance(message))
    const results = messages.slice(asked + 1).filter((message) => ToolMessage.isInstance(message))
    const question = messages[asked]?.text ?? ''
    const move = this.#decide({ messages, question, results, tools: options.tools ?? [] })
    const message = typeof move === 'string' ? new AIMessage(move) : calling(move.calls, messages.length)
    return { generations: [{ text: message.text, message }] }
  }
}

/** Ids follow from the place in the conversation, so that a run repeated after a crash asks for the same calls. */
function calling(calls: readonly ScriptedCall[], place: number): AIMessage {
  const tool_calls = calls.map(({ name, args }, index) => ({
    type: 'tool_call' as const,
    id: `call_${place}_${index}`,
    name,
    // Arguments travel as JSON, so a script cannot say more than a model could.
    args: JSON.parse(JSON.stringify(args)),
  }))
  return new AIMessage({ content: '', tool_calls })
}

const named = z.union([
  z.object({ name: z.string() }).transform(({ name }) => name),
  z.object({ function: z.object({ name: z.string() }) }).transform(({ function: { name } }) => name),
])

function nameOf(tool: BindToolsInput): string {
  return named.parse(tool)
}

/**
 * A chat model that follows a script.
 *
 * @example
 * ```ts
 * const model = scriptedModel(({ results, tools }) =>
 *   results.length === 0 && tools.includes('list_deals') ? { calls: [{ name: 'list_deals', args: {} }] } : 'Done.',
 * )
 * ```
 */
export function scriptedModel(decide: (turn: ScriptedTurn) => ScriptedMove): ToolCallingModel {
  return new ScriptedModel(decide)
}
