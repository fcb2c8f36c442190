/**
 * @module
 * The directory that holds an installation: made when it is missing, and only if it can be written.
 */
import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'the directory above it does not exist',
  ENOTDIR: 'a part of the path is a file',
  EACCES: 'it is not yours to write',
  EPERM: 'it is not yours to write',
  EROFS: 'it is on a read-only disk',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
}

/** @throws Error that says what is in the way. */
export function openDataDirectory(path: string): string {
  const full = resolve(path)
  try {
    // One level only: a mistyped path should be refused, not built.
    if (!statSync(full, { throwIfNoEntry: false })) mkdirSync(full, { mode: 0o700 })
    if (!statSync(full).isDirectory()) throw Object.assign(new Error('a file'), { code: 'ENOTDIR' })
    accessSync(full, constants.W_OK)
    return full
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw unusable(full, reasons[code ?? ''] ?? `it cannot be used (${code})`, cause)
  }
}

/** Works with files of the directory. @throws Error that says what is in the way, when it is the disk. */
export function withDataDirectory<T>(full: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const why = reasons[String((cause as NodeJS.ErrnoException).code)]
    throw why === undefined ? cause : unusable(full, why, cause)
  }
}

function unusable(full: string, why: string, cause: unknown): Error {
  return new Error(`Cannot use ${full} as the data directory: ${why}`, { cause })
}
