/**
 * @module
 * Starts a server on a data directory: keys, store, catalog, HTTP. Used by `serve` and by the demo.
 */
import { loadCatalog } from '@quartermaster/connectors'
import {
  createQuartermaster,
  type DangerousVendorBase,
  hashToken,
  isApiToken,
  issueApiToken,
  type KeyRing,
  newApiToken,
  newKey,
  type OAuthApp,
  openStore,
  parseKeyRing,
  type RefreshEvent,
  type Store,
} from '@quartermaster/server'
import type { Logger } from 'pino'
import { followKeyFile } from '../installation/key-file.ts'
import { secretFile } from '../installation/secret-file.ts'
import { listenHttp } from './listen.ts'

export interface StartOptions {
  /** Undefined keeps everything in memory, keys included. */
  readonly dataDir: string | undefined
  readonly host: string
  readonly port: number
  /** What clients use to reach this server; the listening address when undefined. */
  readonly publicUrl: string | undefined
  readonly allowedHosts: readonly string[]
  readonly app: (system: string) => OAuthApp | undefined
  readonly log: Logger
  readonly env: NodeJS.ProcessEnv
  readonly dangerousVendorBase?: DangerousVendorBase
  readonly onRefresh?: (event: RefreshEvent) => void
  /** False leaves refreshing ahead and notifying to other processes on the same data directory. */
  readonly background?: boolean
}

export interface RunningServer {
  readonly url: string
  /** Covers every tenant, with all scopes. */
  readonly adminToken: string
  readonly store: Store
  /** Drains and closes. */
  stop(): Promise<void>
}

/** Requests under way and refreshes get this long when the process is asked to stop. */
const GRACE_MS = 15_000

/** @throws Error when the data directory, the keys or the port cannot be used. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { dataDir, env } = options
  const kept = (name: string, variable: string, make: () => string) =>
    env[variable] ?? (dataDir === undefined ? make() : secretFile(dataDir, name, make))
  const keys = openRing(options)
  const adminToken = kept('admin-token', 'QUARTERMASTER_ADMIN_TOKEN', newApiToken)
  if (!isApiToken(adminToken)) {
    throw new Error('Cannot start: QUARTERMASTER_ADMIN_TOKEN is not a token made by "quartermaster tokens generate"')
  }
  const catalog = loadCatalog()
  const store = await openStore(dataDir)
  await registerAdmin(store, adminToken)

  let url = options.publicUrl
  const quartermaster = await createQuartermaster({
    store,
    ring: keys.ring,
    catalog,
    app: options.app,
    publicUrl: () => url ?? '',
    allowedHosts: [...options.allowedHosts, ...(url === undefined ? [] : [new URL(url).hostname])],
    log: options.log,
    ...(options.dangerousVendorBase ? { dangerousVendorBase: options.dangerousVendorBase } : {}),
    ...(options.onRefresh ? { onRefresh: options.onRefresh } : {}),
    ...(options.background === false ? { background: false } : {}),
  }).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  const http = await listenHttp(quartermaster.fetch, options).catch(async (error: unknown) => {
    await quartermaster.close()
    throw error
  })
  url ??= http.url
  return {
    url,
    adminToken,
    store,
    async stop() {
      await http.stop(GRACE_MS)
      await quartermaster.close()
      keys.stop()
    },
  }
}

/** Keys of the environment stay as they are; a key file is followed. */
function openRing({ dataDir, env, log }: StartOptions): { readonly ring: KeyRing; readonly stop: () => void } {
  const given = env['QUARTERMASTER_KEYS']
  if (given !== undefined) return { ring: parseKeyRing(given), stop: () => {} }
  if (dataDir === undefined) return { ring: parseKeyRing(newKey(1)), stop: () => {} }
  return followKeyFile(dataDir, {
    changed: (kids) => log.info({ kids }, 'keys_changed'),
    fault: (error) => log.error({ err: { message: (error as Error).message } }, 'keys_not_read'),
  })
}

/** The admin token is registered once; two processes that start together may both try. */
async function registerAdmin(store: Store, secret: string): Promise<void> {
  const known = () => store.apiTokens.findByHash(hashToken(secret))
  if (await known()) return
  const scopes = ['admin', 'runtime', 'audit'] as const
  try {
    await issueApiToken(store.apiTokens, { tenant: undefined, name: 'installation admin', scopes }, Date.now(), secret)
  } catch (error) {
    if (!(await known())) throw error
  }
}
