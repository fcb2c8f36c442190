/**
 * @module
 * The command line of the proofs: read, explained, and refused in words.
 */
import { parseArgs } from 'node:util'
import { testDatabaseServer } from '@quartermaster/testing'
import { type StoreKind, storeKinds } from './database.ts'
import { proofs } from './proofs.ts'

export interface ChaosOptions {
  readonly full: boolean
  readonly seed: number
  readonly only: readonly string[]
  readonly stores: readonly StoreKind[]
}

const usage = `npm run chaos -- [options]: what the vault promises, proved with processes, crashes and broken authorities

  --full                          at length, about half an hour on both stores with two cores; quick otherwise
  --store sqlite|postgres|both    default: both when QUARTERMASTER_TEST_DATABASE_URL is set, else sqlite;
                                  tools/with-postgres.sh npm run chaos starts a PostgreSQL for it
  --only <name>                   one proof (repeatable)
  --seed <n>                      repeats the faults and the moments of a run
  --help

Standard output: one JSON line a proof and store, with its control, then one for the whole run. Standard error: how far
it has come, and the trace of whatever should not have been. Exit code 1 when a proof falls short, or when its control
shows that it could not have.

Proofs (quick, full):
${Object.entries(proofs)
  .map(([name, { quick, full, about }]) => `  ${name} (${quick}, ${full})\n      ${about}`)
  .join('\n')}`

/** Undefined when help was asked for, and has been given. @throws Error with a readable text for bad words. */
export function readOptions(words: readonly string[]): ChaosOptions | undefined {
  const { values } = parseArgs({
    args: [...words],
    options: {
      full: { type: 'boolean', default: false },
      seed: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      store: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return undefined
  }
  const unknown = values.only.find((name) => !Object.hasOwn(proofs, name))
  if (unknown !== undefined) {
    throw new Error(`Cannot run ${unknown}: the proofs are ${Object.keys(proofs).join(', ')}`)
  }
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
  if (!Number.isSafeInteger(seed)) throw new Error('Cannot use the seed: it is not a whole number')
  const { full, only } = values
  return { full, seed, only: only.length === 0 ? Object.keys(proofs) : only, stores: readStores(values.store) }
}

function readStores(wanted: string | undefined): readonly StoreKind[] {
  if (wanted === undefined && testDatabaseServer === undefined) {
    console.error('QUARTERMASTER_TEST_DATABASE_URL is not set: on SQLite only. See --help')
    return ['sqlite']
  }
  const stores = wanted === undefined || wanted === 'both' ? storeKinds : storeKinds.filter((kind) => kind === wanted)
  if (stores.length === 0) throw new Error(`Cannot use the store ${wanted}: it is sqlite, postgres or both`)
  if (stores.includes('postgres') && testDatabaseServer === undefined) {
    throw new Error('Cannot use PostgreSQL: QUARTERMASTER_TEST_DATABASE_URL is not set. Use tools/with-postgres.sh')
  }
  return stores
}
