/**
 * @module
 * A client of the legacy SSE transport by hand, which sends exactly what a test wants sent: the headers and messages
 * of the Python clients, and ones that no client sends.
 */
export interface RawSse {
  readonly response: Response
  /** The data of the `endpoint` event, as it came. */
  readonly endpoint: string
  /** Every parsed `message` so far, in order. */
  readonly messages: readonly Answer[]
  /** What has come since it was last taken, as it came. */
  take(): string
  /** Every comment line so far. */
  readonly comments: readonly string[]
  /** Posts a message to the endpoint. */
  post(message: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** The answer to the request of this id, which has not come yet. */
  answerTo(id: string | number): Promise<Answer>
  /** Posts a request and waits for its answer on the stream. */
  ask(id: string | number, method: string, params?: unknown): Promise<Answer>
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>
  close(): void
}

export interface Answer {
  readonly id?: unknown
  readonly result?: {
    readonly isError?: boolean
    readonly content?: readonly { readonly text: string }[]
    readonly tools?: readonly { readonly name: string }[]
    readonly protocolVersion?: string
  }
  readonly error?: { readonly code: number; readonly message: string }
}

/** The headers that the Python SDK sends; httpx adds the others. */
export const pythonGet = {
  accept: 'text/event-stream',
  'cache-control': 'no-store',
  'user-agent': 'python-httpx/0.28.1',
}
export const pythonPost = { accept: '*/*', 'content-type': 'application/json', 'user-agent': 'python-httpx/0.28.1' }

/** Opens a stream; rejects when it is refused. */
export async function openSse(url: string, headers: Readonly<Record<string, string>>): Promise<RawSse> {
  const controller = new AbortController()
  const response = await fetch(url, { headers: { ...pythonGet, ...headers }, signal: controller.signal })
  if (!response.ok || !response.body) throw new Error(`Cannot open: ${response.status} ${await response.text()}`)
  const [messages, comments]: [Answer[], string[]] = [[], []]
  let fresh = ''
  const waiting = new Map<unknown, (answer: Answer) => void>()
  const named = Promise.withResolvers<string>()
  const take = (block: string) => {
    if (block.startsWith(':')) return void comments.push(block)
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? []
    if (name === 'endpoint') return named.resolve(data!)
    const message = JSON.parse(data!) as Answer
    messages.push(message)
    waiting.get(message.id)?.(message)
  }
  const read = async () => {
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body!) {
      const more = decoder.decode(chunk as Uint8Array, { stream: true })
      fresh += more
      text += more
      const blocks = text.split('\n\n')
      text = blocks.pop()!
      for (const block of blocks) take(block)
    }
  }
  const ended = read().catch(() => {})
  const endpoint = await named.promise
  const answerTo: RawSse['answerTo'] = (id) => new Promise((resolve) => waiting.set(id, resolve))
  const post: RawSse['post'] = (message, more = {}) =>
    fetch(new URL(endpoint, url), {
      method: 'POST',
      headers: { ...pythonPost, ...headers, ...more },
      body: typeof message === 'string' ? message : JSON.stringify(message),
    })
  return {
    response,
    endpoint,
    messages,
    comments,
    take() {
      const taken = fresh
      fresh = ''
      return taken
    },
    post,
    answerTo,
    ended,
    async ask(id, method, params) {
      const answered = answerTo(id)
      const posted = await post({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) })
      if (posted.status !== 202) throw new Error(`Cannot ask: ${posted.status} ${await posted.text()}`)
      return answered
    },
    close: () => controller.abort(),
  }
}
