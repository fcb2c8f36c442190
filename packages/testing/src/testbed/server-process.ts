/**
 * @module
 * Servers in processes of their own, for tests of what several of them do together.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface ServerProcess {
  readonly url: string
  readonly adminToken: string
  readonly child: ChildProcess
  readonly exit: Promise<number | null>
  /** What it has logged to standard error so far. */
  readonly log: () => string
}

export const cliMain = new URL('../../../cli/src/main.ts', import.meta.url).pathname

/**
 * Starts `quartermaster serve`, or a script that takes its options, on a free port; resolves when it is ready. Kill
 * `child` afterwards.
 */
export async function serve(
  options: readonly string[],
  env: NodeJS.ProcessEnv = {},
  script = cliMain,
): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    ['--conditions=quartermaster-source', script, 'serve', '--port', '0', '--log-level', 'error', ...options],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  )
  let log = ''
  child.stderr.on('data', (chunk) => {
    log += String(chunk)
  })
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${log}`)))
  })
  const ready = JSON.parse(line) as { url: string; admin_token: string }
  return { url: ready.url, adminToken: ready.admin_token, child, exit, log: () => log }
}

export interface ToolAnswer {
  /** Of HTTP. */
  readonly status: number
  /** The one text block of the result, parsed; the problem document when there is no result. */
  readonly value: Record<string, unknown>
}

/** Calls a tool through a process. */
export async function callTool(
  server: Pick<ServerProcess, 'url' | 'adminToken'>,
  token: string,
  name: string,
  bearer = server.adminToken,
): Promise<ToolAnswer> {
  const response = await fetch(`${server.url}/mcp/${token}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: { limit: '1' } } }),
  })
  const body = (await response.json()) as { result?: { content: { text: string }[] } }
  const text = body.result?.content[0]?.text
  return { status: response.status, value: (text === undefined ? body : JSON.parse(text)) as Record<string, unknown> }
}
