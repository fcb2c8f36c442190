/**
 * @module
 * The key file of a data directory: followed while a server runs, and replaced as a whole, so that no reader ever sees
 * half of it.
 */
import { chmodSync, closeSync, fsyncSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type KeySource, type LiveKeyRing, liveKeyRing, newKey } from '@quartermaster/server'
import { secretFile } from './secret-file.ts'

const NAME = 'keys'
/** A running server sees a changed key file after this long at the latest. */
const POLL_MS = 2_000

/** The directory's ring as text; made when there is none yet. */
export function readKeyFile(dataDir: string): string {
  return secretFile(dataDir, NAME, () => newKey(1))
}

/** Replaces the file at once: written beside it, flushed, then renamed over it. */
export function writeKeyFile(dataDir: string, text: string): void {
  const path = join(dataDir, NAME)
  const beside = `${path}.${process.pid}.new`
  const file = openSync(beside, 'wx', 0o600)
  writeSync(file, `${text}\n`)
  fsyncSync(file)
  closeSync(file)
  chmodSync(beside, 0o600)
  renameSync(beside, path)
}

/** A ring that follows the file. `stop` ends the following. */
export function followKeyFile(
  dataDir: string,
  on: { readonly changed: (kids: readonly number[]) => void; readonly fault: (error: unknown) => void },
): { readonly ring: LiveKeyRing; readonly stop: () => void } {
  readKeyFile(dataDir)
  const source: KeySource = {
    read: () => readKeyFile(dataDir),
    version() {
      const { mtimeMs, ino, size } = statSync(join(dataDir, NAME))
      return `${mtimeMs}|${ino}|${size}`
    },
  }
  const ring = liveKeyRing(source, on.fault)
  let known = ring.kids().join()
  const look = () => {
    ring.reload()
    // The ring may also have been read again because a row named a key that it lacked.
    if (ring.kids().join() === known) return
    known = ring.kids().join()
    on.changed(ring.kids())
  }
  const timer = setInterval(look, POLL_MS).unref()
  process.on('SIGHUP', look)
  return {
    ring,
    stop() {
      clearInterval(timer)
      process.off('SIGHUP', look)
    },
  }
}
