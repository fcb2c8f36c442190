/**
 * @module
 * A model provider that speaks OpenAI's Responses API over real HTTP; a test decides its answers and may look at what
 * it was asked.
 */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ChatRequest {
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  /** The form that the answer must have. */
  readonly form: { readonly strict?: boolean; readonly schema: Readonly<Record<string, unknown>> } | undefined
}

/** A text, or calls of tools. */
export type ChatAnswer = string | readonly { readonly name: string; readonly args: Readonly<Record<string, unknown>> }[]

export async function fakeProvider(answer: (request: ChatRequest) => ChatAnswer) {
  const asked: ChatRequest[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    response.setHeader('content-type', 'application/json')
    try {
      if (request.url !== '/v1/responses') throw new Error(`no such path here: ${request.url}`)
      const read = readRequest(JSON.parse(Buffer.concat(chunks).toString('utf8')))
      asked.push(read)
      response.end(JSON.stringify(writeResponse(answer(read), asked.length)))
    } catch (error) {
      // 400 is not tried again, so a mistake of the test shows at once.
      response.statusCode = 400
      response.end(JSON.stringify({ error: { message: String(error) } }))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return { url, asked, close: () => server.close() }
}

interface Item {
  readonly type: string
  readonly role?: string
  readonly content?: string | readonly { readonly text?: string }[]
  readonly output?: string
}

function readRequest({
  input,
  text,
}: {
  input: readonly Item[]
  text?: { format?: ChatRequest['form'] }
}): ChatRequest {
  const messages = input.map(({ type, role = '', content = '', output = '' }) => {
    if (type === 'function_call_output') return { role: 'tool', content: output }
    return { role, content: typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('') }
  })
  return { messages, form: text?.format && 'schema' in text.format ? text.format : undefined }
}

function writeResponse(said: ChatAnswer, turn: number) {
  const status = 'completed'
  const output =
    typeof said === 'string'
      ? [{ type: 'message', id: `m${randomUUID()}`, role: 'assistant', status, content: [textPart(said)] }]
      : said.map(({ name, args }, nth) => {
          const call = { name, call_id: `c${turn}_${nth}`, arguments: JSON.stringify(args) }
          return { type: 'function_call', id: `f${turn}_${nth}`, status, ...call }
        })
  const usage = { input_tokens: 10, output_tokens: 1, total_tokens: 11 }
  // A real provider's is unique; a conversation that goes on with another one of these must not see it twice.
  return { id: `r${randomUUID()}`, object: 'response', created_at: 1, status, model: 'gpt-5.5', output, usage }
}

function textPart(text: string) {
  return { type: 'output_text', text, annotations: [] }
}
