/** @module What a guess costs, and that all ways of being wrong look alike. */
import { expect, test } from 'vitest'
import { randomBase62 } from '../keys/base62.ts'
import { newUrlToken } from '../keys/tokens.ts'
import { openStore } from '../store/open.ts'
import { accessFinder } from './find-access.ts'

/** A store that counts its lookups of URL tokens. */
async function countingStore() {
  const store = await openStore(undefined)
  let lookups = 0
  const findByHash: typeof store.servers.findByHash = (hash, now) => {
    lookups += 1
    return store.servers.findByHash(hash, now)
  }
  const counting = { ...store, servers: { ...store.servers, findByHash } }
  return { store: counting, lookups: () => lookups, close: () => store.close() }
}

test('accessFinder() answers a million invented tokens without a look into the store', async () => {
  const { store, lookups, close } = await countingStore()
  const findAccess = accessFinder({ store, catalog: new Map(), classified: (_, connector) => connector, now: () => 0 })
  const invented = randomBase62(1_000_028)
  let found = 0
  for (let at = 0; at < 1_000_000; at += 1) {
    const { ok } = await findAccess(invented.slice(at, at + 28), { authorization: undefined })
    if (ok) found += 1
  }
  expect([found, lookups()]).toEqual([0, 0])
  // The control: a token with a right checksum does cost one.
  expect(await findAccess(newUrlToken(), { authorization: undefined })).toMatchObject({ ok: false, why: 'url_unknown' })
  expect(lookups()).toBe(1)
  await close()
})

test('accessFinder() bounds how often it looks for well-formed tokens that nobody issued', async () => {
  const { store, lookups, close } = await countingStore()
  const findAccess = accessFinder({ store, catalog: new Map(), classified: (_, connector) => connector, now: () => 0 })
  const whys: Record<string, number> = {}
  for (let nth = 0; nth < 3_000; nth += 1) {
    const found = await findAccess(newUrlToken(), { authorization: undefined })
    const why = found.ok ? 'found' : found.why
    whys[why] = (whys[why] ?? 0) + 1
  }
  expect(whys).toEqual({ url_unknown: 1_000, too_many_guesses: 2_000 })
  expect(lookups()).toBe(1_000)
  await close()
})
