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
  newApiToken,
  newKey,
  type OAuthApp,
  openStore,
  parseKeyRing,
  type RefreshEvent,
  type Store,
} from '@quartermaster/server'
import type { Logger } from 'pino'
import { openDataDirectory } from '../installation/data-directory.ts'
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
  /** Origins that people of a tenant may be sent back to after connecting. */
  readonly returnOrigins?: (tenant: string) => readonly string[]
  readonly onRefresh?: (event: RefreshEvent) => void
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
  const { env } = options
  const dataDir = options.dataDir === undefined ? undefined : openDataDirectory(options.dataDir)
  const kept = (name: string, variable: string, make: () => string) =>
    env[variable] ?? (dataDir === undefined ? make() : secretFile(dataDir, name, make))
  const ring = parseKeyRing(kept('keys', 'QUARTERMASTER_KEYS', () => newKey(1)))
  const adminToken = kept('admin-token', 'QUARTERMASTER_ADMIN_TOKEN', newApiToken)
  if (!isApiToken(adminToken)) {
    throw new Error('Cannot start: QUARTERMASTER_ADMIN_TOKEN is not a token made by "quartermaster tokens generate"')
  }
  const catalog = loadCatalog()
  const store = await openStore(dataDir)
  try {
    await registerAdmin(store, adminToken)
  } catch (error) {
    await store.close()
    throw error
  }

  let url = options.publicUrl
  const quartermaster = await createQuartermaster({
    store,
    ring,
    catalog,
    app: options.app,
    publicUrl: () => url ?? '',
    allowedHosts: [...options.allowedHosts, ...(url === undefined ? [] : [new URL(url).hostname])],
    log: options.log,
    ...(options.dangerousVendorBase ? { dangerousVendorBase: options.dangerousVendorBase } : {}),
    ...(options.returnOrigins ? { returnOrigins: options.returnOrigins } : {}),
    ...(options.onRefresh ? { onRefresh: options.onRefresh } : {}),
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
    },
  }
}

/**
 * The admin token is registered once; two processes that start together may both try.
 * @throws Error when it has been revoked: a server that hands out a dead token would lock its operator out.
 */
async function registerAdmin(store: Store, secret: string): Promise<void> {
  const known = () => store.apiTokens.findByHash(hashToken(secret))
  const scopes = ['admin', 'runtime', 'audit'] as const
  if (!(await known())) {
    try {
      await issueApiToken(
        store.apiTokens,
        { tenant: undefined, name: 'installation admin', scopes },
        Date.now(),
        secret,
      )
    } catch (error) {
      if (!(await known())) throw error
    }
  }
  if ((await known())?.revokedAt !== undefined) {
    throw new Error(
      'Cannot start: the admin token of this installation is revoked. Remove the file admin-token from the data directory, or change QUARTERMASTER_ADMIN_TOKEN, to get a new one',
    )
  }
}
