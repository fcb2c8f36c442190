/**
 * @module
 * Keeps a second host away from a data directory. SQLite's locks and its write-ahead log work on one host only
 * (sqlite.org/wal.html); two hosts on one network disk would destroy the file.
 */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { thisHost } from '../entities/lease-owner.ts'

export interface Host {
  /** The running kernel: what shares it shares locks and memory, containers too. */
  readonly kernel: string
  /** For people. */
  readonly name: string
}

/** How often a process shows that it is there, and after how much silence it is taken for gone. */
const BEAT_MS = 5_000
const SILENT_MS = 30_000

const FILE = /^open\.[0-9a-f]{16}$/

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'it cannot be written',
  EPERM: 'it cannot be written',
  EROFS: 'it is on a read-only disk',
  ENOSPC: 'its disk is full',
  EDQUOT: 'its disk quota is used up',
  ENOENT: 'it does not exist',
}

/**
 * Shows that this host has the directory open, until what it returns is called.
 * @throws Error when another host has it open, or it cannot be written.
 */
export function claimDirectory(dataDir: string, here: Host = thisOne()): () => void {
  const file = `open.${randomBytes(8).toString('hex')}`
  const path = join(dataDir, file)
  const show = () => writeFileSync(path, JSON.stringify(here), { mode: 0o600 })
  const release = () => rmSync(path, { force: true })
  try {
    show()
    // The disk's own clock: those of two hosts may differ.
    const now = statSync(path).mtimeMs
    for (const other of readdirSync(dataDir)) {
      if (other !== file && FILE.test(other)) look(dataDir, other, here, now)
    }
  } catch (error) {
    release()
    const why = reasons[String((error as NodeJS.ErrnoException).code)]
    throw why === undefined ? error : new Error(`Cannot open the store in ${dataDir}: ${why}`, { cause: error })
  }
  const beat = setInterval(() => beatOn(show), BEAT_MS)
  beat.unref()
  return () => {
    clearInterval(beat)
    release()
  }
}

function look(dataDir: string, file: string, here: Host, now: number): void {
  const path = join(dataDir, file)
  const seenAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  const host = readHost(path)
  if (seenAt === undefined || host === undefined) return
  const silentMs = now - seenAt
  // Left by a process that was killed.
  if (silentMs >= SILENT_MS) rmSync(path, { force: true })
  if (silentMs >= SILENT_MS || host.kernel === here.kernel) return
  const seconds = (ms: number) => Math.max(0, Math.ceil(ms / 1_000))
  throw new Error(
    `Cannot open the store in ${dataDir}: the host ${host.name} has it open and was last seen ${seconds(silentMs)} s ago. Only one host can use a directory: stop the server there (if it was killed, wait ${seconds(SILENT_MS - silentMs)} s), or share a PostgreSQL database`,
  )
}

/** A disk that fails here fails the statements, too; they report it to their callers. */
function beatOn(show: () => void): void {
  try {
    show()
  } catch {
    return
  }
}

function readHost(path: string): Host | undefined {
  try {
    const { kernel, name } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Host>
    return typeof kernel === 'string' ? { kernel, name: String(name) } : undefined
  } catch {
    return undefined
  }
}

function thisOne(): Host {
  const name = hostname()
  return { kernel: thisHost().split('/')[1] ?? name, name }
}
