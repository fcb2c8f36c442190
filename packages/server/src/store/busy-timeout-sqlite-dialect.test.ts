import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openStore } from './open.ts'

test("a write waits for another process's lock without stopping the event loop", async () => {
  const dir = mkdtempSync(join(tmpdir(), 'qm-busy-'))
  const store = await openStore(dir)
  const other = new DatabaseSync(join(dir, 'quartermaster.db'))
  try {
    other.exec('begin immediate')
    let turns = 0
    const turning = setInterval(() => {
      turns += 1
      // The lock is given back once the event loop has shown that it is alive.
      if (turns === 20) other.exec('commit')
    }, 5)
    await store.meta.putIfAbsent('key', 'value')
    clearInterval(turning)
    expect(turns).toBeGreaterThanOrEqual(20)
    expect(await store.meta.get('key')).toBe('value')
  } finally {
    other.close()
    await store.close()
    rmSync(dir, { recursive: true })
  }
})
