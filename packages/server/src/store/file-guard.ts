/**
 * @module
 * Notices that a database file was deleted or replaced under a process that has it open. SQLite would go on writing to
 * a file that no process will find again.
 */
import { statSync } from 'node:fs'
import { StoreUnavailable } from './unavailable.ts'

export interface FileGuard {
  /** @throws StoreUnavailable while the path does not lead to the file that was opened. */
  check(): void
  /** The same, at most every half second: for reads, which lose nothing. */
  checkNowAndThen(): void
}

const SELDOM_MS = 500

/** For a file that has just been opened. A look costs a few microseconds, a durable commit a thousand times as much. */
export function fileGuard(path: string): FileGuard {
  const opened = identity(path)
  let lookedAt = performance.now()
  const check = () => {
    lookedAt = performance.now()
    const found = identity(path)
    if (found === opened) return
    // What is forgotten here is looked at again by the next read.
    lookedAt = Number.NEGATIVE_INFINITY
    const what = found === undefined ? 'deleted' : 'replaced by another'
    throw new StoreUnavailable(`Cannot use the database: its file was ${what} while it was open`)
  }
  return {
    check,
    checkNowAndThen() {
      if (performance.now() - lookedAt >= SELDOM_MS) check()
    },
  }
}

function identity(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat && `${stat.dev}:${stat.ino}`
}
