/**
 * @module
 * Starts a server on a data directory: keys, store, catalog, HTTP. Used by `serve` and by the demo.
 */
import { openCatalog } from '@quartermaster/connectors'
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
  openPostgresStore,
  openStore,
  parseKeyRing,
  type QuartermasterOptions,
  type RefreshEvent,
  type Store,
} from '@quartermaster/server'
import type { Logger } from 'pino'
import { followClassification } from '../classify/classification-file.ts'
import { openDataDirectory, withDataDirectory } from '../installation/data-directory.ts'
import { followKeyFile } from '../installation/key-file.ts'
import { secretFile } from '../installation/secret-file.ts'
import { listenHttp } from './listen.ts'

export interface StartOptions {
  /** Undefined keeps everything in memory, keys included. With a database URL, only keys and admin token live in it. */
  readonly dataDir: string | undefined
  /** `postgres://…`: the store that several hosts share. */
  readonly databaseUrl?: string | undefined
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
  /** How much of a vendor's quota this installation takes of each account, 0 to 1 (default 0.9); false for no budget. */
  readonly quotaShare?: number | false
  /** A file that says what fields hold; read again on SIGHUP. */
  readonly classificationFile?: string | undefined
  /** Our own limits on how fast URLs may be called. */
  readonly inbound?: QuartermasterOptions['inbound']
  /** False leaves refreshing ahead and notifying to other processes on the same data directory. */
  readonly background?: boolean
  /** The systems that there are; default the catalog of the package. */
  readonly catalog?: QuartermasterOptions['catalog']
  readonly clock?: QuartermasterOptions['clock']
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

/** @throws Error when the data directory, the database, the keys or the port cannot be used. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { databaseUrl, env } = options
  const dataDir = options.dataDir === undefined ? undefined : openDataDirectory(options.dataDir)
  if (databaseUrl !== undefined && dataDir === undefined) requireSecrets(env)
  const kept = (name: string, variable: string, make: () => string) =>
    env[variable] ??
    (dataDir === undefined ? make() : withDataDirectory(dataDir, () => secretFile(dataDir, name, make)))
  const keys = openRing(dataDir, options)
  const adminToken = kept('admin-token', 'QUARTERMASTER_ADMIN_TOKEN', newApiToken)
  if (!isApiToken(adminToken)) {
    throw new Error('Cannot start: QUARTERMASTER_ADMIN_TOKEN is not a token made by "quartermaster tokens generate"')
  }
  const catalog = options.catalog ?? openCatalog()
  const classified = followOperator(catalog, options)
  const store = databaseUrl === undefined ? await openStore(dataDir) : await openPostgresStore(databaseUrl)
  try {
    await registerAdmin(store, adminToken)
  } catch (error) {
    await store.close()
    throw error
  }

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
    ...(options.returnOrigins ? { returnOrigins: options.returnOrigins } : {}),
    ...(options.onRefresh ? { onRefresh: options.onRefresh } : {}),
    ...(classified ? { classification: classified.current } : {}),
    ...(options.inbound ? { inbound: options.inbound } : {}),
    ...(options.background === false ? { background: false } : {}),
    ...(options.clock ? { clock: options.clock } : {}),
    ...(options.quotaShare === undefined ? {} : { quota: quotaOf(options.quotaShare) }),
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
      quartermaster.drain()
      await http.stop(GRACE_MS)
      await quartermaster.close()
      keys.stop()
      classified?.stop()
    },
  }
}

function quotaOf(share: number | false): false | { readonly share: number } {
  return share === false ? share : { share }
}

function followOperator(catalog: QuartermasterOptions['catalog'], { classificationFile: path, log }: StartOptions) {
  if (path === undefined) return undefined
  return followClassification(path, {
    catalog,
    changed: () => log.info('classification_changed'),
    fault: (problems) => log.error({ problems }, 'classification_not_read'),
  })
}

/** A database outlives the process, so keys that do not would lock it for ever. */
function requireSecrets(env: NodeJS.ProcessEnv): void {
  const missing = ['QUARTERMASTER_KEYS', 'QUARTERMASTER_ADMIN_TOKEN'].filter((name) => env[name] === undefined)
  if (missing.length === 0) return
  throw new Error(
    `Cannot start: with a database URL, set ${missing.join(' and ')}, or name the directory that holds the keys with --data`,
  )
}

/** Keys of the environment stay as they are; a key file is followed. */
function openRing(
  dataDir: string | undefined,
  { env, log }: StartOptions,
): { readonly ring: KeyRing; readonly stop: () => void } {
  const given = env['QUARTERMASTER_KEYS']
  if (given !== undefined) return { ring: parseKeyRing(given), stop: () => {} }
  if (dataDir === undefined) return { ring: parseKeyRing(newKey(1)), stop: () => {} }
  return withDataDirectory(dataDir, () =>
    followKeyFile(dataDir, {
      changed: (kids) => log.info({ kids }, 'keys_changed'),
      fault: (error) => log.error({ err: { message: (error as Error).message } }, 'keys_not_read'),
    }),
  )
}

/**
 * The admin token is registered once; two processes that start together may both try.
 * @throws Error when it has been revoked: a server that hands out a dead token would lock its operator out.
 */
async function registerAdmin(store: Store, secret: string): Promise<void> {
  const known = () => store.apiTokens.findByHash(hashToken(secret), Date.now())
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
