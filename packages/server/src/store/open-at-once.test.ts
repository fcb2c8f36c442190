/** @module Several processes that begin on one new directory in the same moment. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, expect, test } from 'vitest'

const dir = mkdtempSync(join(tmpdir(), 'qm-at-once-'))
afterAll(() => rmSync(dir, { recursive: true }))

const ROUNDS = 25
const OPENERS = 4

/** Opens one new file a round, as soon as all are there. */
const opener = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { DatabaseSync } = require('node:sqlite')
  const { gate, dir, rounds, openers, ours } = workerData
  ;(async () => {
    const { openSqlite } = ours ? await import(ours) : {}
    const faults = []
    for (let round = 0; round < rounds; round++) {
      Atomics.add(gate, round, 1)
      while (Atomics.load(gate, round) < openers);
      const path = dir + '/' + round + '.db'
      try {
        if (ours) openSqlite(path).close()
        else {
          const database = new DatabaseSync(path, { timeout: 5_000 })
          database.exec('pragma journal_mode = wal')
          database.close()
        }
      } catch (error) {
        faults.push(error.message)
      }
    }
    parentPort.postMessage(faults)
  })()
`

async function faultsOf(name: string, ours: string | undefined): Promise<readonly string[]> {
  const gate = new Int32Array(new SharedArrayBuffer(4 * ROUNDS))
  const workerData = { gate, dir: mkdtempSync(join(dir, name)), rounds: ROUNDS, openers: OPENERS, ours }
  const workers = Array.from({ length: OPENERS }, () => new Worker(opener, { eval: true, workerData }))
  const told = await Promise.all(
    workers.map(
      (worker) =>
        new Promise<readonly string[]>((resolve, reject) => {
          worker.once('message', resolve)
          worker.once('error', reject)
        }),
    ),
  )
  return told.flat()
}

test('a new store is opened by several at once; SQLite alone refuses some of them', async () => {
  expect(await faultsOf('ours', new URL('./sqlite-database.ts', import.meta.url).href)).toEqual([])
  const refused: string[] = []
  // It is a matter of microseconds, so it is tried until it is seen.
  for (let tries = 0; tries < 40 && refused.length === 0; tries++) refused.push(...(await faultsOf('plain', undefined)))
  expect(refused).toContain('database is locked')
})
