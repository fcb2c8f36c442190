/**
 * @module
 * Connections to PostgreSQL with a limit on everything: how many, how long to wait for one, how long a statement may
 * take. A connection that failed is not used again. The driver is loaded only here, only when it is needed.
 */
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { ClientConfig, PoolClient } from 'pg'
import { preparedName } from './prepared-texts.ts'
import { checkStorable } from './storable-text.ts'
import { postgresFault } from './unavailable.ts'

export interface PostgresAddress {
  readonly url: string
  /** `host:port/database`: what may be said of it. */
  readonly where: string
}

/** @throws Error when it is not an address of a PostgreSQL database; the text does not repeat it. */
export function postgresAddress(databaseUrl: string): PostgresAddress {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined
  const database = url?.pathname.slice(1)
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '' || !database) {
    throw new Error('Cannot read the database URL: it must be postgres://user:password@host:port/database')
  }
  return { url: databaseUrl, where: `${url.hostname}:${url.port || 5432}/${database}` }
}

export interface PoolLimits {
  readonly connections: number
  /** No limit when 0. */
  readonly statementMs: number
}

const usualLimits: PoolLimits = { connections: 10, statementMs: 5_000 }
/** A call has ten seconds in all; a database that takes longer than this to be reached is not there. */
const CONNECT_MS = 3_000

/** Settings that every connection shares. Numbers come back as numbers, or not at all when one cannot hold them. */
export async function connectionConfig(address: PostgresAddress, statementMs: number): Promise<ClientConfig> {
  const { default: pg } = await import('pg')
  const INT8 = 20
  return {
    connectionString: address.url,
    application_name: 'quartermaster',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: CONNECT_MS,
    idle_in_transaction_session_timeout: statementMs === 0 ? undefined : 2 * statementMs,
    statement_timeout: statementMs,
    // For a server that has vanished without a word: a little after it would have given up itself.
    query_timeout: statementMs === 0 ? undefined : statementMs + 1_000,
    types: { getTypeParser: (oid, format) => (oid === INT8 ? readInt8 : pg.types.getTypeParser(oid, format)) },
  }
}

/** A pool for Kysely whose faults are {@link StoreUnavailable} when the database is, and themselves otherwise. */
export async function openPool(address: PostgresAddress, limits: PoolLimits = usualLimits): Promise<PostgresPool> {
  const { default: pg } = await import('pg')
  const config = await connectionConfig(address, limits.statementMs)
  const pool = new pg.Pool({ ...config, max: limits.connections, idleTimeoutMillis: 30_000 })
  // A connection may break while it is idle. Without a listener, this event would end the process.
  pool.on('error', () => undefined)
  const guarded = new WeakMap<PoolClient, PostgresPoolClient>()
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw postgresFault(error, address.where)
      })
      const known = guarded.get(client)
      if (known) return known
      const made = guard(client, address.where)
      guarded.set(client, made)
      return made
    },
  }
}

function guard(client: PoolClient, where: string): PostgresPoolClient {
  let broken = false
  client.on('error', () => {
    broken = true
  })
  const query = async (text: string, parameters: readonly unknown[]) => {
    checkStorable(parameters)
    try {
      const name = preparedName(text)
      const answer: unknown = await client.query({ text, values: [...parameters], ...(name ? { name } : {}) })
      // Of several statements in one text, what the last one says.
      return Array.isArray(answer) ? (answer.at(-1) as unknown) : answer
    } catch (error) {
      // What the server says leaves the connection usable; what the driver says (a timeout, a reset) does not.
      if ((error as { severity?: unknown }).severity === undefined) broken = true
      throw postgresFault(error, where)
    }
  }
  return {
    // Kysely's second form, with a cursor, is used only for streams.
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || broken),
  }
}

function readInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('Cannot read a stored number: it is too large')
  return value
}
