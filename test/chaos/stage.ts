/**
 * @module
 * One data directory with accounts, an authority that issued their grants, and workers that share both.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { loadCatalog } from '@quartermaster/connectors'
import { connectAccount, newKey, openStore, parseKeyRing, type Store } from '@quartermaster/server'
import { type ChaosAuthority, startAuthority } from './authority.ts'
import type { Order, Reply, WorkerOptions } from './order.ts'

export interface Worker {
  readonly child: ChildProcess
  /** Resolves with the exit code, null after a kill. */
  readonly ended: Promise<number | null>
  /** Resolves with undefined when the worker ended before it answered. */
  tell(order: Omit<Order, 'id'>): Promise<Reply | undefined>
}

export interface Stage {
  readonly dir: string
  readonly keys: string
  readonly authority: ChaosAuthority
  readonly store: Store
  /** Connects an account whose grant lives half an hour, at the beginning of time. */
  connect(): Promise<string>
  worker(options?: Partial<WorkerOptions>): Promise<Worker>
  /** Whether the system still takes this access token. */
  works(accessToken: string): Promise<boolean>
  close(): Promise<void>
}

/** Moves every clock past the end of a grant's life; the authority's own clock stands by comparison. */
export const LIFETIME_MS = 86_400_001

export async function openStage(system: 'hubspot' | 'salesforce'): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'qm-chaos-'))
  const keys = newKey(1)
  const ring = parseKeyRing(keys)
  const authority = await startAuthority()
  const control = authority.control(system)
  for (const name of Object.keys(control.windows())) control.setWindow(name, { limit: 1_000_000 })
  control.setTokens({ rotateRefreshTokens: true, graceMs: 0, accessTokenTtlMs: 86_400_000 })
  const store = await openStore(dir)
  const connector = loadCatalog().get(system)
  if (!connector) throw new Error(`Cannot set the stage: there is no system ${system}`)
  const workers: Worker[] = []
  const base = `${authority.url}/acme/${system}`
  const scope = [...connector.auth.scopes.required, ...connector.auth.scopes.optional].join(' ')

  return {
    dir,
    keys,
    authority,
    store,
    async connect() {
      const { accessToken, refreshToken } = control.signIn({ scope })
      const kept = { instance_url: base }
      const account = await connectAccount(
        { store: store.accounts, ring, now: Date.now, random: Math.random, dangerousVendorBase: () => base },
        {
          tenant: 'acme',
          connector,
          label: 'chaos',
          answer: { accessToken, refreshToken, expiresInS: 1_800, scopes: undefined, kept },
        },
      )
      return account.id
    },
    async worker(change = {}) {
      const fresh = {
        dir,
        keys,
        system,
        authorityUrl: authority.url,
        graceMs: 0,
        scale: 1,
        naive: false,
        followKeys: false,
        ...change,
      }
      const worker = await startWorker(fresh)
      workers.push(worker)
      return worker
    },
    async works(accessToken) {
      const path = system === 'hubspot' ? '/crm/v3/objects/contacts?limit=1' : '/services/data/v67.0/limits'
      const response = await fetch(base + path, { headers: { authorization: `Bearer ${accessToken}` } })
      await response.body?.cancel()
      return response.status === 200
    },
    async close() {
      for (const { child } of workers) child.kill('SIGKILL')
      await Promise.all(workers.map(({ ended }) => ended))
      await store.close()
      await authority.close()
      rmSync(dir, { recursive: true })
    },
  }
}

async function startWorker(options: WorkerOptions): Promise<Worker> {
  const script = new URL('./worker.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=quartermaster-source', script, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting = new Map<number, (reply: Reply | undefined) => void>()
  let orders = 0
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  // Everything that was written before the end is read before anybody is told that there is no answer.
  child.stdout.once('close', () => {
    for (const give of waiting.values()) give(undefined)
    waiting.clear()
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reply = JSON.parse(line) as Reply
    waiting.get(reply.id)?.(reply)
    waiting.delete(reply.id)
  })
  child.stdin.on('error', () => {})
  const answer = (id: number) => new Promise<Reply | undefined>((resolve) => void waiting.set(id, resolve))
  await answer(0)
  return {
    child,
    ended,
    tell(order) {
      const id = ++orders
      const reply = answer(id)
      child.stdin.write(`${JSON.stringify({ ...order, id })}\n`)
      return reply
    },
  }
}
