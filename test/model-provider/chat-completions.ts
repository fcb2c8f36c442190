/**
 * @module
 * OpenAI's chat completions, as far as agents use them: what a request asks, and how an answer is written, whole or in
 * pieces.
 */
import { randomUUID } from 'node:crypto'
import type { ChatAnswer, ChatRequest } from './chat.ts'

export interface CompletionsBody {
  readonly model: string
  readonly stream?: boolean
  readonly messages: readonly {
    readonly role: string
    readonly content?: string | readonly { readonly text?: string }[] | null
  }[]
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
  readonly response_format?: { readonly json_schema?: ChatRequest['form'] }
}

export function readCompletionsRequest({ messages, tools = [], response_format }: CompletionsBody): ChatRequest {
  return {
    messages: messages.map(({ role, content }) => ({
      role,
      content: typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join(''),
    })),
    tools: tools.map((tool) => tool.function.name),
    form: response_format?.json_schema,
  }
}

export function writeCompletion(model: string, said: ChatAnswer) {
  const message =
    typeof said === 'string'
      ? { role: 'assistant', content: said }
      : { role: 'assistant', content: null, tool_calls: toolCalls(said) }
  return {
    ...head(model, 'chat.completion'),
    choices: [{ index: 0, message, finish_reason: finish(said) }],
    usage,
  }
}

/** The lines of an event stream: a text comes in words, a call in its name and halves of its arguments. */
export function* completionEvents(model: string, said: ChatAnswer): Generator<string> {
  const shared = head(model, 'chat.completion.chunk')
  const event = (delta: object, finish_reason: string | null = null) =>
    `data: ${JSON.stringify({ ...shared, choices: [{ index: 0, delta, finish_reason }] })}\n\n`
  yield event({ role: 'assistant', content: '' })
  if (typeof said === 'string') {
    for (const [word] of said.matchAll(/\s*\S+/g)) yield event({ content: word })
  } else {
    for (const [index, call] of toolCalls(said).entries()) {
      const { arguments: args } = call.function
      const half = Math.ceil(args.length / 2)
      yield event({ tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: '' } }] })
      for (const part of [args.slice(0, half), args.slice(half)]) {
        yield event({ tool_calls: [{ index, function: { arguments: part } }] })
      }
    }
  }
  yield event({}, finish(said))
  yield `data: ${JSON.stringify({ ...shared, choices: [], usage })}\n\n`
  yield 'data: [DONE]\n\n'
}

const usage = { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 }

/** Message ids must differ: LangGraph replaces a message by a later one with the same id. */
function head(model: string, object: string) {
  return { id: `chatcmpl-${randomUUID()}`, object, created: 1, model }
}

function toolCalls(said: Exclude<ChatAnswer, string>) {
  return said.map(({ name, args }) => ({
    id: `call_${randomUUID()}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }))
}

function finish(said: ChatAnswer): string {
  return typeof said === 'string' ? 'stop' : 'tool_calls'
}
