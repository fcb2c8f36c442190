/**
 * @module
 * An installation as its operator and its callers see it: `quartermaster` as a command, and HTTP. Nothing in here
 * knows how the product is built.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { cliMain, serve } from '@quartermaster/testing/testbed'
import { VENDORS, type Vendors } from './vendors.ts'

export interface Installation {
  /** Holds the key ring and the admin token, and the SQLite database when there is no other. */
  readonly dir: string
  /** Of PostgreSQL. */
  readonly databaseUrl?: string
  /** They decide what time it is. */
  readonly vendors: Vendors
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ToolCall {
  /** The secret part of the URL. */
  readonly token: string
  /** The API token beside it; left out for a URL that needs none. */
  readonly bearer?: string
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  readonly meta?: Readonly<Record<string, unknown>>
}

export interface Running {
  readonly url: string
  readonly adminToken: string
  api(method: string, path: string, body?: unknown, bearer?: string): Promise<Response>
  /** The administrator's request, and its JSON. @throws Error when it is refused. */
  ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>
  /** JSON-RPC at a URL. */
  rpc(token: string, bearer: string | undefined, method: string, params?: unknown): Promise<Response>
  /** Calls a tool: the one text block of the result, parsed. @throws Error when there is no result. */
  call(call: ToolCall): Promise<Record<string, unknown>>
  /** Ends the server as an operator would. @throws Error when it does not end well. */
  stop(): Promise<void>
}

/** Runs a command to its end. */
export function command(installation: Installation, ...words: readonly string[]): Promise<Finished> {
  const args = ['--conditions=quartermaster-source', cliMain, ...words, '--data', installation.dir]
  const child = spawn(process.execPath, args, { env: { ...process.env, ...surroundings(installation) } })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      text[name] += String(chunk)
    })
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...text })))
}

/** Starts a server; resolves when it is ready. @throws Error with what it said when it does not start. */
export async function start(installation: Installation): Promise<Running> {
  const options = ['--data', installation.dir, '--dangerously-use-vendors-at', `http://${VENDORS}`]
  const { url, adminToken, child, exit, log } = await serve(options, surroundings(installation))
  const api: Running['api'] = (method, path, body, bearer = adminToken) =>
    fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const rpc: Running['rpc'] = (token, bearer, method, params = {}) =>
    fetch(`${url}/mcp/${token}`, {
      method: 'POST',
      headers: {
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
  return {
    url,
    adminToken,
    api,
    async ask(method, path, body) {
      const response = await api(method, path, body)
      const text = await response.text()
      if (!response.ok) throw new Error(`Cannot ${method} ${path}: ${response.status} ${text}`)
      return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
    },
    rpc,
    async call({ token, bearer, tool, args, meta = {} }) {
      const response = await rpc(token, bearer, 'tools/call', { name: tool, arguments: args, _meta: meta })
      const body = (await response.json()) as { result?: { content: { text: string }[] } }
      const text = body.result?.content[0]?.text
      if (text === undefined) throw new Error(`Cannot call ${tool}: ${response.status} ${JSON.stringify(body)}`)
      return JSON.parse(text) as Record<string, unknown>
    },
    async stop() {
      child.kill('SIGTERM')
      const code = await exit
      if (code !== 0) throw new Error(`Cannot stop the server: it ended with ${code}: ${log()}`)
    },
  }
}

/** Secrets come from the directory only, and the time and the names from the vendors. */
function surroundings({ databaseUrl, vendors }: Installation): NodeJS.ProcessEnv {
  const preload = new URL('./move-clock-and-hosts.ts', import.meta.url).href
  return {
    NODE_OPTIONS: `--import=${preload}`,
    // Half of what a short command costs is reading its modules.
    NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/node-compile', import.meta.url)),
    NO_COLOR: '1',
    OLD_DATA_CLOCK_OFFSET_MS: String(vendors.offsetMs),
    OLD_DATA_HOSTS: JSON.stringify(vendors.hosts),
    QUARTERMASTER_DATABASE_URL: databaseUrl,
    QUARTERMASTER_KEYS: undefined,
    QUARTERMASTER_ADMIN_TOKEN: undefined,
  }
}
