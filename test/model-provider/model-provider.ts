/**
 * @module
 * A model provider that speaks OpenAI's chat completions and Responses API over real HTTP; a test decides its answers
 * and may look at what it was asked.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { ChatAnswer, ChatRequest } from './chat.ts'
import { type CompletionsBody, completionEvents, readCompletionsRequest, writeCompletion } from './chat-completions.ts'
import { type ResponsesBody, readResponsesRequest, writeResponse } from './responses-api.ts'

export type { ChatAnswer, ChatCall, ChatMessage, ChatRequest } from './chat.ts'

/** @param options.thinkMs How long the model takes for its answer to the nth request, from 1 on. */
export async function modelProvider(
  answer: (request: ChatRequest) => ChatAnswer,
  options: { readonly thinkMs?: (nth: number) => number } = {},
) {
  const asked: ChatRequest[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    try {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      const { said, write } = conversation(request.url, body, response)
      asked.push(said)
      if (options.thinkMs) await setTimeout(options.thinkMs(asked.length))
      write(answer(said))
    } catch (error) {
      // 400 is not tried again, so a mistake of the test shows at once.
      response.statusCode = 400
      json(response, { error: { message: String(error) } })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return { url, asked, close: () => server.close() }
}

function conversation(path: string | undefined, body: unknown, response: ServerResponse) {
  if (path === '/v1/responses') {
    const asked = body as ResponsesBody
    const write = (said: ChatAnswer) => json(response, writeResponse(asked.model, said))
    return { said: readResponsesRequest(asked), write }
  }
  if (path !== '/v1/chat/completions') throw new Error(`no such path here: ${path}`)
  const asked = body as CompletionsBody
  return {
    said: readCompletionsRequest(asked),
    write(said: ChatAnswer) {
      if (asked.stream !== true) return json(response, writeCompletion(asked.model, said))
      response.setHeader('content-type', 'text/event-stream')
      for (const event of completionEvents(asked.model, said)) response.write(event)
      response.end()
    },
  }
}

function json(response: ServerResponse, body: object): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
}
