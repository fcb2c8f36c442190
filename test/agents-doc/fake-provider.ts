/**
 * @module
 * A model provider that speaks OpenAI's chat completions over real HTTP; a test decides its answers and may look at what
 * it was asked.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ChatRequest {
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
  readonly response_format?: {
    readonly json_schema?: { readonly strict?: boolean; readonly schema: Readonly<Record<string, unknown>> }
  }
}

/** A text, or calls of tools. */
export type ChatAnswer = string | readonly { readonly name: string; readonly args: Readonly<Record<string, unknown>> }[]

export async function fakeProvider(answer: (request: ChatRequest) => ChatAnswer) {
  const asked: ChatRequest[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ChatRequest
    asked.push(body)
    const said = answer(body)
    const message =
      typeof said === 'string'
        ? { role: 'assistant', content: said }
        : { role: 'assistant', content: null, tool_calls: said.map((call, nth) => toolCall(call, asked.length, nth)) }
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        // Message ids must differ: LangGraph replaces a message by a later one with the same id.
        id: `r${asked.length}`,
        object: 'chat.completion',
        created: 1,
        model: 'gpt-5.5',
        choices: [{ index: 0, message, finish_reason: typeof said === 'string' ? 'stop' : 'tool_calls' }],
        usage: { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 },
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return { url, asked, close: () => server.close() }
}

function toolCall({ name, args }: { name: string; args: object }, turn: number, nth: number) {
  return { id: `c${turn}_${nth}`, type: 'function', function: { name, arguments: JSON.stringify(args) } }
}
