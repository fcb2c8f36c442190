/**
 * @module
 * A secret that lives in a file of its own in the data directory, readable by its owner only. Made on first use.
 */
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Reads `<dataDir>/<name>`, or makes it. Two processes that start together end with the same secret: the file is
 * created exclusively, and whoever comes second reads.
 * @throws Error when others than the owner can read the file.
 */
export function secretFile(dataDir: string, name: string, make: () => string): string {
  const path = join(dataDir, name)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  try {
    const file = openSync(path, 'wx', 0o600)
    const secret = make()
    writeSync(file, `${secret}\n`)
    closeSync(file)
    // The mode of open() is narrowed by the umask but never widened; this makes it exact.
    chmodSync(path, 0o600)
    return secret
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new Error(`Cannot use ${path}: others can read it. Run: chmod 600 ${path}`)
  }
  const text = readFileSync(path, 'utf8').trim()
  if (text === '') throw new Error(`Cannot use ${path}: it is empty. Remove it only if the data directory is new`)
  return text
}
