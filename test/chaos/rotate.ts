/**
 * @module
 * Every sealed row moves to a new key while two processes call and refresh without a pause: through the command line, on
 * the key file, as an operator would. No call may fail, and in the end the old key opens nothing.
 */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseKeyRing, ringStatus } from '@quartermaster/server'
import { LIFETIME_MS, openChaosTestbed } from './chaos-testbed.ts'
import type { Setting } from './setting.ts'

const run = promisify(execFile)
const command = new URL('../../packages/cli/src/main.ts', import.meta.url).pathname

const CONNECTED_AT_ONCE = 50

export interface RotateResult {
  readonly rows: number
  readonly calls: number
  readonly failed_calls: number
  /** Rows that the new key alone does not open in the end. */
  readonly left_behind: number
  /** Rows that the old key alone does not open in the end. */
  readonly old_key_left_behind: number
  readonly rotate_ms: number
}

export async function rotate(rows: number, { store, random, step }: Setting): Promise<RotateResult> {
  const testbed = await openChaosTestbed('hubspot', store)
  try {
    const { dir, databaseUrl } = testbed.at
    writeFileSync(join(dir, 'keys'), `${testbed.keys}\n`, { mode: 0o600 })
    const accounts: string[] = []
    while (accounts.length < rows) {
      const some = Math.min(CONNECTED_AT_ONCE, rows - accounts.length)
      accounts.push(...(await Promise.all(Array.from({ length: some }, () => testbed.connect()))))
      step(accounts.length, 2 * rows)
    }
    const workers = await Promise.all([1, 2].map(() => testbed.worker({ followKeys: true })))
    let [calls, failed, rounds, busy] = [0, 0, 0, true]
    const load = async () => {
      while (busy) {
        // Every eighth round all grants have expired, so that refreshes and re-sealing meet on the same rows.
        const offset = Math.floor(rounds++ / 8) * LIFETIME_MS
        const some = Array.from({ length: 20 }, () => accounts[Math.floor(random() * rows)] ?? '')
        const order = { offset, callers: 1, accounts: [...new Set(some)], fresh: true }
        // Both processes live at the same time of day: leases compare their clocks.
        const replies = await Promise.all(workers.map((worker) => worker.tell(order)))
        calls += order.accounts.length * workers.length
        for (const reply of replies) failed += order.accounts.length - (reply?.ok ?? 0)
      }
    }
    const loaded = load()
    const env = databaseUrl === undefined ? process.env : { ...process.env, QUARTERMASTER_DATABASE_URL: databaseUrl }
    const keys = (...words: string[]) =>
      run(process.execPath, ['--conditions=quartermaster-source', command, 'keys', ...words, '--data', dir], { env })
    const startedAt = performance.now()
    await keys('add')
    await keys('rotate')
    // What the workers have sealed before they saw the new key is taken by a second pass.
    await keys('rotate')
    step(1, 1)
    const rotateMs = Math.round(performance.now() - startedAt)
    busy = false
    await loaded
    const [first = ''] = readFileSync(join(dir, 'keys'), 'utf8').trim().split(',')
    const alone = await ringStatus(testbed.store, parseKeyRing(first))
    const before = await ringStatus(testbed.store, parseKeyRing(testbed.keys))
    return {
      rows,
      calls,
      failed_calls: failed,
      left_behind: alone.unreadable,
      old_key_left_behind: before.unreadable,
      rotate_ms: rotateMs,
    }
  } finally {
    await testbed.close()
  }
}
