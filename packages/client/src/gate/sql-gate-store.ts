/**
 * @module
 * A {@link GateStore} in one table of a SQL database. Every change is a compare-and-swap on the key's row, so no
 * transaction, lock or extension is needed, and any client that can run a statement will do.
 */
import { randomUUID } from 'node:crypto'
import type { GateStore } from './gate-store.ts'
import { emptyLeaseState, holdQuota, type LeaseState, leasePermits } from './lease-state.ts'

/** Runs one statement with `$1`, `$2`, … parameters. `pool.query` of the package pg is one. */
export type SqlQuery = (
  text: string,
  values: readonly unknown[],
) => Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>

/** Which SQL the database speaks, and the name of the table. */
export interface SqlGateStoreOptions {
  readonly dialect: 'postgres' | 'sqlite'
  /** Created when it is absent; default `rate_gate`. A plain name: letters, digits and underscores. */
  readonly table?: string
}

/** The database's own clock, in milliseconds, so that hosts whose clocks differ agree. */
const nowOf = {
  postgres: 'cast(floor(extract(epoch from clock_timestamp()) * 1000) as bigint)',
  sqlite: "cast(unixepoch('subsec') * 1000 as integer)",
} as const
/** Swaps lost to other processes before the store counts as overloaded. */
const MAX_SWAPS = 50

/**
 * @example
 * ```ts
 * const pool = new pg.Pool({ connectionString })
 * const store = sqlGateStore((text, values) => pool.query(text, [...values]), { dialect: 'postgres' })
 * const gate = new RateGate({ store })
 * ```
 * @throws TypeError when the table's name is not a plain name.
 */
export function sqlGateStore(query: SqlQuery, { dialect, table = 'rate_gate' }: SqlGateStoreOptions): GateStore {
  if (!/^[a-z_][a-z0-9_]{0,50}$/i.test(table)) {
    throw new TypeError('Cannot use this table for the gate: its name must be letters, digits and underscores')
  }
  const now = nowOf[dialect]
  const read = `select (select state from ${table} where id = $1) as state,
    (select ver from ${table} where id = $1) as ver, ${now} as now`
  let created: Promise<unknown> | undefined
  const ready = () => {
    // Permits are worth nothing after a crash, so no commit waits for the disk.
    const kind = dialect === 'postgres' ? 'unlogged table' : 'table'
    const text = `create ${kind} if not exists ${table} (id text primary key, ver bigint not null, state text not null)`
    // Two processes that create it at once may collide on the catalog; the second try finds the table.
    created ??= query(text, []).catch(() => query(text, []))
    return created.catch((error: unknown) => {
      created = undefined
      throw error
    })
  }
  const load = async (key: string) => {
    await ready()
    const [row] = (await query(read, [key])).rows
    return {
      ver: row?.['ver'] == null ? undefined : Number(row['ver']),
      state: readState(row?.['state']),
      now: Number(row?.['now']),
    }
  }
  const swap = async <T>(
    key: string,
    change: (state: LeaseState, now: number) => { readonly state: LeaseState; readonly answer: T },
  ): Promise<T> => {
    for (let attempt = 0; attempt < MAX_SWAPS; attempt += 1) {
      const seen = await load(key)
      const { state, answer } = change(seen.state, seen.now)
      const text = JSON.stringify(state)
      const { rows } =
        seen.ver === undefined
          ? await query(
              `insert into ${table} (id, ver, state) values ($1, 1, $2) on conflict (id) do nothing returning ver`,
              [key, text],
            )
          : await query(`update ${table} set ver = ver + 1, state = $2 where id = $1 and ver = $3 returning ver`, [
              key,
              text,
              seen.ver,
            ])
      if (rows.length > 0) return answer
    }
    throw new Error(`Cannot lease: ${MAX_SWAPS} attempts were overtaken by other processes`)
  }
  return {
    lease: (key, request) =>
      swap(key, (before, at) => {
        const { state, lease } = leasePermits(before, request, { now: at, id: randomUUID().slice(0, 8) })
        return { state, answer: lease }
      }),
    hold: (key, ms) => swap(key, (before, at) => ({ state: holdQuota(before, ms, at), answer: undefined })),
    async heldMs(key) {
      const { state, now: at } = await load(key)
      return Math.max(0, state.heldUntil - at)
    },
  }
}

/** What cannot be read is as good as empty: the vendor's own refusals still hold. */
function readState(text: unknown): LeaseState {
  try {
    const state: unknown = typeof text === 'string' ? JSON.parse(text) : undefined
    if (isState(state)) return state
  } catch {
    return emptyLeaseState
  }
  return emptyLeaseState
}

function isState(value: unknown): value is LeaseState {
  if (typeof value !== 'object' || value === null) return false
  const blocks: unknown = Reflect.get(value, 'blocks')
  return (
    typeof Reflect.get(value, 'heldUntil') === 'number' &&
    Array.isArray(blocks) &&
    blocks.every((entry) => Array.isArray(entry) && typeof entry[1] === 'number' && typeof entry[2] === 'number')
  )
}
