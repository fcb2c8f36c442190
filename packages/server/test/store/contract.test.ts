import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, testDatabaseServer } from '@quartermaster/testing'
import { afterEach, describe, test } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import { openPostgresStore } from '../../src/store/open-postgres.ts'
import { storeContract } from './contract.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

describe('a store in memory', () => {
  storeContract({
    test,
    async fresh() {
      const store = await openStore()
      cleanups.push(() => store.close())
      // Nobody else can open it.
      return { store, again: async () => store }
    },
  })
})

describe('a store on SQLite', () => {
  storeContract({
    test,
    async fresh() {
      const dir = mkdtempSync(join(tmpdir(), 'qm-store-'))
      cleanups.push(() => rmSync(dir, { recursive: true }))
      const again = async () => {
        const store = await openStore(dir)
        cleanups.push(() => store.close())
        return store
      }
      return { store: await again(), again }
    },
  })
})

describe.skipIf(testDatabaseServer === undefined)('a store on PostgreSQL', () => {
  storeContract({
    test,
    async fresh() {
      const database = await createTestDatabase()
      cleanups.push(() => database.drop())
      const again = async () => {
        const store = await openPostgresStore(database.url)
        cleanups.push(() => store.close())
        return store
      }
      return { store: await again(), again }
    },
  })
})
