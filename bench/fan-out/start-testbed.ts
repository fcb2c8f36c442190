/**
 * @module
 * Starts the testbed, makes URLs on it, and reads what the vendor has counted.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { FanOutOptions, FanOutReady } from './testbed.ts'

export interface VendorCounters {
  readonly requests: { readonly [methodAndTemplate: string]: number }
  readonly rateLimited: number
}

export interface FanOutTestbed extends FanOutReady {
  /** A URL for reading, without a second factor. */
  toolUrl(tenant: string): Promise<string>
  /** What the vendor has counted since the last time. */
  counters(tenant: string): Promise<VendorCounters>
  /** Has every answer for the tenant take this long, as a real vendor's does. */
  slow(tenant: string, ms: number): Promise<void>
  /** Frees the tenant's windows. */
  clear(tenant: string): Promise<void>
  stop(): Promise<void>
}

export async function startTestbed(options: FanOutOptions): Promise<FanOutTestbed> {
  const child = startChild(new URL('testbed.ts', import.meta.url), [JSON.stringify(options)])
  const ready = JSON.parse(await firstLine(child)) as FanOutReady
  const control = async (tenant: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(`${ready.sandboxUrl}/__sandbox/${tenant}/hubspot/${path}`, init)
    const text = await response.text()
    if (!response.ok) throw new Error(`Cannot control the sandbox: ${response.status} ${text}`)
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  }
  return {
    ...ready,
    async toolUrl(tenant) {
      const account = ready.accounts.find((each) => each.tenant === tenant)
      const response = await fetch(`${ready.url}/integrated-account/${account?.id}/mcp`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ready.adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'bench', config: { methods: ['read'], require_api_token_auth: false } }),
      })
      const { url } = (await response.json()) as { url?: string }
      if (url === undefined) throw new Error(`Cannot make a URL: the server answered ${response.status}`)
      return url
    },
    async counters(tenant) {
      const counted = (await control(tenant, 'counters')) as VendorCounters
      await control(tenant, 'counters', { method: 'DELETE' })
      return counted
    },
    async slow(tenant, ms) {
      const body = JSON.stringify({ kind: 'latency', ms, times: 1_000_000 })
      await control(tenant, 'faults', { method: 'POST', body })
    },
    clear: async (tenant) => void (await control(tenant, 'windows', { method: 'DELETE' })),
    async stop() {
      const exit = new Promise((resolve) => child.once('exit', resolve))
      child.stdin?.end()
      await exit
    },
  }
}

export function startChild(file: URL, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--conditions=quartermaster-source', file.pathname, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) return reject(new Error('Cannot read the process: it has no output'))
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`Cannot go on: the process ended with ${code}`)))
  })
}
