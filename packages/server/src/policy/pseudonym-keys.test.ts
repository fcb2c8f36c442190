/** @module Keys of tenants, at rest and through a rotation. */
import { createTestDatabase, testDatabaseServer } from '@quartermaster/testing'
import { describe, expect, test } from 'vitest'
import { newKey, parseKeyRing } from '../keys/key-ring.ts'
import { resealAll, ringStatus, whyNeeded } from '../maintenance/key-rotation.ts'
import { openStore, type Store } from '../store/open.ts'
import { openPostgresStore } from '../store/open-postgres.ts'
import { pseudonymKeys } from './pseudonym-keys.ts'

const email = { kind: 'email', scope: '' }

async function onPostgres(): Promise<Store> {
  const database = await createTestDatabase()
  const store = await openPostgresStore(database.url)
  return {
    ...store,
    async close() {
      await store.close()
      await database.drop()
    },
  }
}

describe('on SQLite', () => keyTests(() => openStore()))
describe.skipIf(testDatabaseServer === undefined)('on PostgreSQL', () => keyTests(onPostgres))

function keyTests(fresh: () => Promise<Store>): void {
  test('of() gives each tenant its own pseudonyms, the same in every process', async () => {
    const store = await fresh()
    const ring = parseKeyRing(newKey(1))
    const [here, there] = [pseudonymKeys(ring, store.meta), pseudonymKeys(ring, store.meta)]
    // Both ask before either has stored a key.
    const [one, other] = await Promise.all([here.of('acme'), there.of('acme')])
    expect(one.conceal('jane@acme.com', email)).toBe(other.conceal('jane@acme.com', email))
    const foreign = await here.of('globex')
    expect(foreign.conceal('jane@acme.com', email)).not.toBe(one.conceal('jane@acme.com', email))
    expect(foreign.reveal(one.conceal('jane@acme.com', email) ?? '', () => '')).toBeUndefined()
    await store.close()
  })

  test('pseudonyms outlive a rotation of the key ring, and their key keeps an old ring key from being dropped before', async () => {
    const store = await fresh()
    const [old, newer] = [newKey(1), newKey(2)]
    const before = await pseudonymKeys(parseKeyRing(old), store.meta).of('acme')
    const token = before.conceal('jane@acme.com', email)

    const both = parseKeyRing(`${newer},${old}`)
    expect((await ringStatus(store, both)).keys).toContainEqual({ kid: 1, inRing: true, rows: 1 })
    expect(await whyNeeded(store, both, 1, Date.now())).toMatch('1 rows are sealed with it')
    await resealAll(store, both, async () => {})
    expect((await ringStatus(store, both)).keys).toContainEqual({ kid: 1, inRing: true, rows: 0 })

    const after = await pseudonymKeys(parseKeyRing(newer), store.meta).of('acme')
    expect(after.conceal('jane@acme.com', email)).toBe(token)
    await store.close()
  })

  test('of() fails, and makes no new key, when the stored one does not open', async () => {
    const store = await fresh()
    await pseudonymKeys(parseKeyRing(newKey(1)), store.meta).of('acme')
    await expect(pseudonymKeys(parseKeyRing(newKey(1)), store.meta).of('acme')).rejects.toThrow('does not open')
    await store.close()
  })
}
