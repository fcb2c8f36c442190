/**
 * @module
 * OpenAI's Responses API, as far as agents use it: what a request asks, and how an answer is written.
 */
import { randomUUID } from 'node:crypto'
import type { ChatAnswer, ChatRequest } from './chat.ts'

interface Item {
  readonly type: string
  readonly role?: string
  readonly content?: string | readonly { readonly text?: string }[]
  readonly output?: string
}

export interface ResponsesBody {
  readonly model: string
  readonly input: readonly Item[]
  readonly tools?: readonly { readonly name: string }[]
  readonly text?: { readonly format?: ChatRequest['form'] }
}

export function readResponsesRequest({ input, tools = [], text }: ResponsesBody): ChatRequest {
  const messages = input.flatMap(({ type, role = '', content = '', output = '' }) => {
    if (type === 'function_call') return []
    if (type === 'function_call_output') return { role: 'tool', content: output }
    return { role, content: typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('') }
  })
  const form = text?.format && 'schema' in text.format ? text.format : undefined
  return { messages, tools: tools.map(({ name }) => name), form }
}

export function writeResponse(model: string, said: ChatAnswer) {
  const status = 'completed'
  const output =
    typeof said === 'string'
      ? [{ type: 'message', id: `m${randomUUID()}`, role: 'assistant', status, content: [textPart(said)] }]
      : said.map(({ name, args }) => {
          const call = { name, call_id: `c${randomUUID()}`, arguments: JSON.stringify(args) }
          return { type: 'function_call', id: `f${randomUUID()}`, status, ...call }
        })
  const usage = { input_tokens: 10, output_tokens: 1, total_tokens: 11 }
  // A real provider's is unique; a conversation that goes on with another one of these must not see it twice.
  return { id: `r${randomUUID()}`, object: 'response', created_at: 1, status, model, output, usage }
}

function textPart(text: string) {
  return { type: 'output_text', text, annotations: [] }
}
