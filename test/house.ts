/**
 * @module
 * The whole house in one process, for tests: the faked vendors on a port, a server on another, connected accounts.
 * Everything in it is the real thing; only the clock of the vault may be moved.
 */
import { PassThrough } from 'node:stream'
import type { IssuedMcpServer, McpServerConfigInput } from '@quartermaster/protocol'
import type { VendorControl } from '@quartermaster/sandbox'
import { pino } from 'pino'
import { type RunningServer, type StartOptions, startSandboxedServer } from 'quartermaster'

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

type InboundLimit = NonNullable<StartOptions['inbound']>

export interface House {
  readonly server: RunningServer
  readonly sandboxUrl: string
  /** By system, for the tenant `acme`. */
  readonly accounts: Readonly<Record<string, string>>
  /** Every line the server has logged. */
  readonly logs: readonly string[]
  control(system: string, tenant?: string): VendorControl
  admin(method: string, path: string, body?: unknown, token?: string): Promise<{ status: number; body: unknown }>
  issue(system: string, config?: McpServerConfigInput): Promise<IssuedMcpServer>
  rpc(url: string, method: string, params?: unknown, headers?: Readonly<Record<string, string>>): Promise<RpcAnswer>
  /** Calls a tool and parses the one text block of its answer. */
  call(url: string, name: string, args?: unknown): Promise<{ answer: RpcAnswer; value: Record<string, unknown> }>
  close(): Promise<void>
}

/**
 * @param options.quotaShare False for tests of what a vendor's own refusals look like, one after the other.
 * @param options.inbound Our own limits on how fast URLs may be used.
 */
export async function openHouse(
  options: { readonly quotaShare?: false; readonly inbound?: InboundLimit } = {},
): Promise<House> {
  const logs: string[] = []
  const sink = new PassThrough()
  sink.on('data', (chunk: Buffer) => logs.push(...chunk.toString('utf8').split('\n').filter(Boolean)))
  const started = await startSandboxedServer({ ...options, log: pino({ level: 'debug' }, sink) })
  const { server, sandbox } = started
  const accounts = Object.fromEntries(started.accounts.map(({ id, system }) => [system, id]))

  const admin: House['admin'] = async (method, path, body, token = server.adminToken) => {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  const rpc: House['rpc'] = async (url, method, params = {}, headers = {}) => {
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
    server,
    sandboxUrl: sandbox.url,
    accounts,
    logs,
    control: (system, tenant = 'acme') => sandbox.sandbox.control(tenant, system),
    admin,
    async issue(system, config = {}) {
      const { status, body } = await admin('POST', `/integrated-account/${accounts[system]}/mcp`, {
        name: 'test',
        config,
      })
      if (status !== 201) throw new Error(`Cannot issue: ${status} ${JSON.stringify(body)}`)
      return body as IssuedMcpServer
    },
    rpc,
    async call(url, name, args = {}) {
      const answer = await rpc(url, 'tools/call', { name, arguments: args })
      const [block] = answer.body.result?.content ?? []
      return { answer, value: block ? JSON.parse(block.text) : {} }
    },
    close: started.stop,
  }
}
