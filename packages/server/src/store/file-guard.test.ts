import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sampleAccount, sampleGrant, sampleTimes } from '../../test/store/samples.ts'
import { openStore, type Store } from './open.ts'

async function opened(): Promise<{ dir: string; store: Store; path: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'qm-guard-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const store = await openStore(dir)
  onTestFinished(() => store.close())
  await store.accounts.insert(sampleAccount(), sampleGrant(1, 1), sampleTimes)
  return { dir, store, path: join(dir, 'quartermaster.db') }
}
const another = sampleAccount({ id: 'acc_0000000000000002' })

test('a deleted file is noticed by the next write; once it is back, everything is there and nothing was half done', async () => {
  const { store, path } = await opened()
  await store.checkWritable()
  renameSync(path, `${path}.away`)
  await expect(store.checkWritable()).rejects.toMatchObject({
    name: 'StoreUnavailable',
    message: /its file was deleted/,
  })
  await expect(store.accounts.insert(another, sampleGrant(1, 2), sampleTimes)).rejects.toThrow(/was deleted/)
  // A read that follows a failure is not served from a file that nobody will find again.
  await expect(store.accounts.find(another.id)).rejects.toThrow(/was deleted/)
  renameSync(`${path}.away`, path)
  await store.checkWritable()
  expect(await store.accounts.find(another.id)).toBeUndefined()
  expect((await store.accounts.find(sampleAccount().id))?.status).toBe('active')
  await store.accounts.insert(another, sampleGrant(1, 2), sampleTimes)
})

test('another file in its place is noticed, too, and is not written to', async () => {
  const { dir, store, path } = await opened()
  const elsewhere = await opened()
  await elsewhere.store.close()
  rmSync(path)
  renameSync(elsewhere.path, path)
  await expect(store.accounts.insert(another, sampleGrant(1, 2), sampleTimes)).rejects.toThrow(
    /was replaced by another/,
  )
  const now = await openStore(dir)
  onTestFinished(() => now.close())
  expect(await now.accounts.find(another.id)).toBeUndefined()
})
