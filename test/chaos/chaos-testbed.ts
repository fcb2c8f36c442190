/**
 * @module
 * One store with accounts, an authority that issued their grants, and processes that share both.
 */
import { loadCatalog } from '@quartermaster/connectors'
import { connectAccount, issueApiToken, newKey, parseKeyRing, type Store } from '@quartermaster/server'
import { type ChaosAuthority, startAuthority } from './authority.ts'
import { type Child, startChild } from './child.ts'
import { createDatabase, openAt, type StoreAddress, type StoreKind } from './database.ts'
import type { Order, Reply, WorkerOptions } from './order.ts'
import type { ServerOptions, ServerReady, Time } from './server-order.ts'

export type Worker = Child<Omit<Order, 'id'>, Reply>
/** A whole server, on a port. */
export interface ServerChild extends Child<Time, ServerReady> {
  readonly url: string
  readonly adminToken: string
}

export interface ChaosTestbed {
  readonly at: StoreAddress
  readonly keys: string
  readonly authority: ChaosAuthority
  readonly store: Store
  /** Connects an account whose grant lives half an hour, at the beginning of time. */
  connect(): Promise<string>
  worker(options?: Partial<WorkerOptions>): Promise<Worker>
  server(options?: Partial<ServerOptions>): Promise<ServerChild>
  /** Whether the system still takes this access token. */
  works(accessToken: string): Promise<boolean>
  close(): Promise<void>
}

/** Moves every clock past the end of a grant's life; the authority's own clock stands by comparison. */
export const LIFETIME_MS = 86_400_001

const testbeds = new Set<ChaosTestbed>()
/** Compiled scripts are kept: hundreds of processes are started from them. */
const compileCache = new URL('../../node_modules/.cache/chaos-scripts', import.meta.url).pathname

/** For an interrupted run: leaves no processes and no directories. */
export async function closeChaosTestbeds(): Promise<void> {
  await Promise.allSettled([...testbeds].map((testbed) => testbed.close()))
}

export async function openChaosTestbed(system: 'hubspot' | 'salesforce', kind: StoreKind): Promise<ChaosTestbed> {
  const at = await createDatabase(kind)
  const keys = newKey(1)
  const ring = parseKeyRing(keys)
  const epoch = Date.now()
  const authority = await startAuthority()
  const control = authority.control(system)
  for (const name of Object.keys(control.windows())) control.setWindow(name, { limit: 1_000_000 })
  control.setTokens({ rotateRefreshTokens: true, graceMs: 0, accessTokenTtlMs: 86_400_000 })
  const store = await openAt(at)
  const connector = loadCatalog().get(system)
  if (!connector) throw new Error(`Cannot open a testbed: there is no system ${system}`)
  const children: Child<object, { id: number }>[] = []
  let adminToken: string | undefined
  const base = `${authority.url}/acme/${system}`
  const scope = [...connector.auth.scopes.required, ...connector.auth.scopes.optional].join(' ')

  const testbed: ChaosTestbed = {
    at,
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
      const options: WorkerOptions = {
        ...{ dir: at.dir, databaseUrl: at.databaseUrl, epoch, keys, system, authorityUrl: authority.url },
        ...{ graceMs: 0, scale: 1, naive: false, noTakeoverDelay: false, followKeys: false },
        ...change,
      }
      const worker: Worker = await startChild('worker.ts', options, compileCache)
      children.push(worker)
      return worker
    },
    async server(change = {}) {
      adminToken ??= await newAdmin(store)
      const options: ServerOptions = {
        ...{ dir: at.dir, databaseUrl: at.databaseUrl, epoch, keys, authorityUrl: authority.url },
        ...{ naive: false, background: true },
        ...change,
      }
      const child: Child<Time, ServerReady> = await startChild('server.ts', options, compileCache)
      children.push(child)
      return { ...child, url: child.ready.url ?? '', adminToken }
    },
    async works(accessToken) {
      const path = system === 'hubspot' ? '/crm/v3/objects/contacts?limit=1' : '/services/data/v67.0/limits'
      const response = await fetch(base + path, { headers: { authorization: `Bearer ${accessToken}` } })
      await response.body?.cancel()
      return response.status === 200
    },
    async close() {
      testbeds.delete(testbed)
      for (const { process } of children) process.kill('SIGKILL')
      await Promise.all(children.map(({ ended }) => ended))
      await store.close()
      await authority.close()
      await at.remove()
    },
  }
  testbeds.add(testbed)
  return testbed
}

async function newAdmin(store: Store): Promise<string> {
  const scopes = ['admin', 'runtime'] as const
  return (await issueApiToken(store.apiTokens, { tenant: undefined, name: 'chaos', scopes }, Date.now())).secret
}
