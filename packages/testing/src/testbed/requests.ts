/**
 * @module
 * For tests only: requests to a server, to its admin surface and to its tool URLs.
 */
export interface HttpAnswer {
  readonly status: number
  readonly text: string
  /** An empty object when the answer is no JSON. */
  readonly body: unknown
}

export interface RpcAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: {
    readonly result?: {
      readonly isError?: boolean
      readonly content?: readonly { readonly type: string; readonly text: string }[]
      readonly tools?: readonly ListedTool[]
      readonly _meta?: Readonly<Record<string, unknown>>
    }
    readonly error?: { readonly code: number; readonly message: string }
  }
}

export interface ListedTool {
  readonly name: string
  readonly description: string
  readonly inputSchema: {
    readonly properties: Readonly<Record<string, unknown>>
    readonly required?: readonly string[]
  }
}

/** Where a server is and how it is administered. */
export interface Target {
  readonly url: string
  readonly adminToken: string
}

/** One request to the server; a body that is a string is sent as it is. */
export async function admin(
  { url, adminToken }: Target,
  method: string,
  path: string,
  body?: unknown,
  token = adminToken,
): Promise<HttpAnswer & { readonly body: Record<string, unknown> }> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, text, body: isJson && text !== '' ? JSON.parse(text) : {} }
}

/** The requests of a test, with the admin token where no other is named. */
export function requestsTo(server: Target) {
  const rpc = async (
    url: string,
    method: string,
    params: unknown = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RpcAnswer> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${server.adminToken}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text.startsWith('{') ? JSON.parse(text) : {},
    }
  }
  return {
    admin: (method: string, path: string, body?: unknown, token?: string): Promise<HttpAnswer> =>
      admin(server, method, path, body, token),
    rpc,
    async call(url: string, name: string, args: unknown = {}) {
      const answer = await rpc(url, 'tools/call', { name, arguments: args })
      const [block] = answer.body.result?.content ?? []
      return { answer, value: (block ? JSON.parse(block.text) : {}) as Record<string, unknown> }
    },
  }
}
