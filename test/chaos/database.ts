/**
 * @module
 * Where one proof keeps its accounts: a data directory, or a PostgreSQL database of its own beside one for the keys.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgresStore, openStore, type Store } from '@quartermaster/server'
import { createTestDatabase } from '@quartermaster/testing'

export const storeKinds = ['sqlite', 'postgres'] as const
export type StoreKind = (typeof storeKinds)[number]

/** What another process needs to open the same store. */
export interface StoreAddress {
  readonly dir: string
  readonly databaseUrl: string | undefined
}

export interface ChaosDatabase extends StoreAddress {
  /** Removes everything. The processes that use it have ended. */
  remove(): Promise<void>
}

export async function createDatabase(kind: StoreKind): Promise<ChaosDatabase> {
  const database = kind === 'postgres' ? await createTestDatabase() : undefined
  const dir = mkdtempSync(join(tmpdir(), 'qm-chaos-'))
  return {
    dir,
    databaseUrl: database?.url,
    async remove() {
      rmSync(dir, { recursive: true })
      await database?.drop()
    },
  }
}

export function openAt({ dir, databaseUrl }: StoreAddress): Promise<Store> {
  return databaseUrl === undefined ? openStore(dir) : openPostgresStore(databaseUrl)
}
