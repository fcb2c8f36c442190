/**
 * @module
 * Runs the shell blocks of a page as a reader would: from top to bottom, in the root of a clone, the server in a terminal of
 * its own.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root, type ShellBlock } from './markdown.ts'

export interface Terminal {
  /** Runs a block. @throws Error with everything it printed, when a command fails. */
  run(block: ShellBlock): Promise<string>
  close(): Promise<void>
}

interface Ready {
  readonly url: string
  readonly admin_token: string
  readonly sandbox_url?: string
  readonly accounts: readonly { readonly id: string; readonly system: string }[]
}

/** A folder in which every file of the clone is found, and what a command writes is not left in the clone. */
export function openTerminal(): Terminal {
  const folder = mkdtempSync(join(tmpdir(), 'qm-docs-'))
  for (const name of readdirSync(root)) if (name !== '.git') symlinkSync(root + name, join(folder, name))
  const servers: ChildProcess[] = []
  const known = new Map<string, string>()

  const serve = async (line: string) => {
    const child = spawn('bash', ['-c', `exec ${line} --port 0 --log-level error`], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      // A process group, as in a terminal: Ctrl-C reaches npx and the server.
      detached: true,
    })
    servers.push(child)
    const [text] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const { url, admin_token: token, sandbox_url: sandbox, accounts } = JSON.parse(text) as Ready
    known.set('QUARTERMASTER_URL', url).set('QUARTERMASTER_ADMIN_TOKEN', token)
    known.set('QUARTERMASTER_ACCOUNTS', JSON.stringify(accounts))
    if (sandbox !== undefined) known.set('SANDBOX_URL', sandbox)
    if (accounts[0]) known.set('ACCOUNT', accounts[0].id)
  }

  return {
    async run({ text }) {
      const lines: string[] = []
      for (const line of text.split('\n')) {
        const server = /^npx quartermaster serve\b[^#]*/.exec(line)?.[0]
        if (server === undefined) lines.push(filledIn(line, known))
        else await serve(server)
      }
      const script = lines.join('\n')
      const exports = [...known].map(([name, value]) => `export ${name}='${value}'`)
      const output = await runScript(`set -euo pipefail\n${exports.join('\n')}\n${script}`, folder)
      remember(output, known)
      return output
    },
    async close() {
      for (const child of servers) {
        // The pipe is closed when the last process of the group has ended.
        const ended = once(child, 'close')
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT')
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** `export NAME=…` is where a reader pastes what an earlier command printed. */
function filledIn(line: string, known: ReadonlyMap<string, string>): string {
  if (!line.startsWith('export ')) return line
  const values = [...line.matchAll(/\b([A-Z_]+)=\S*…\S*/g)].map(([, name = '']) => {
    const value = known.get(name)
    if (value === undefined) throw new Error(`Cannot fill in ${name}: no command before has printed it`)
    return `export ${name}='${value}'`
  })
  return values.length > 0 ? values.join('\n') : line
}

/** What commands print once: a tool URL, and the token of an agent. */
function remember(output: string, known: Map<string, string>): void {
  const url = /https?:\/\/\S+\/mcp\/[A-Za-z0-9]+/.exec(output)?.[0]
  const token = /\bqm_[A-Za-z0-9]+/.exec(output)?.[0]
  const approval = /\bapr_[A-Za-z0-9]+/.exec(output)?.[0]
  if (url !== undefined) known.set('CRM_URL', url)
  if (token !== undefined) known.set('CRM_TOKEN', token)
  if (approval !== undefined) known.set('APPROVAL', approval)
}

async function runScript(script: string, cwd: string): Promise<string> {
  // CI may ask for colours, and values are read from what is printed.
  const env = { ...process.env, NO_COLOR: '1' }
  const child = spawn('bash', ['-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`exit ${code}\n${script}\n${output}\n${errors}`)
  return output
}
