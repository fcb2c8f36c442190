/**
 * @module
 * A secret that lives in a file of its own in the data directory, readable by its owner only. Made on first use.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Reads `<dataDir>/<name>`, or makes it. The file appears whole or not at all, so a full disk or a crash leaves no
 * empty secret behind, and two processes that start together end with the same one.
 * @throws Error when others than the owner can read the file.
 */
export function secretFile(dataDir: string, name: string, make: () => string): string {
  const path = join(dataDir, name)
  const existing = read(path)
  if (existing !== undefined) return existing
  const draft = join(dataDir, `.${name}.${randomBytes(6).toString('hex')}`)
  try {
    writeDurably(draft, `${make()}\n`)
    linkSync(draft, path)
    syncFolder(dataDir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  const secret = read(path)
  if (secret === undefined) throw new Error(`Cannot use ${path}: it is gone again`)
  return secret
}

function read(path: string): string | undefined {
  let mode: number
  try {
    mode = statSync(path).mode
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if ((mode & 0o077) !== 0) throw new Error(`Cannot use ${path}: others can read it. Run: chmod 600 ${path}`)
  const text = readFileSync(path, 'utf8').trim()
  if (text === '') throw new Error(`Cannot use ${path}: it is empty. Remove it only if the data directory is new`)
  return text
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
