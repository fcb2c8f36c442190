import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDataDirectory } from './data-directory.ts'
import { secretFile } from './secret-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'qm-secret-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test('secretFile() makes a secret once, for its owner only, and leaves nothing else behind', () => {
  expect(secretFile(dir, 'keys', () => 'first')).toBe('first')
  expect(secretFile(dir, 'keys', () => 'second')).toBe('first')
  expect(statSync(join(dir, 'keys')).mode & 0o777).toBe(0o600)
  expect(readdirSync(dir)).toEqual(['keys'])
})

test('secretFile() reads what another process made in the meantime', () => {
  const late = secretFile(dir, 'keys', () => {
    secretFile(dir, 'keys', () => 'theirs')
    return 'ours'
  })
  expect(late).toBe('theirs')
})

test('secretFile() leaves no empty file behind when the secret cannot be made', () => {
  expect(() =>
    secretFile(dir, 'keys', () => {
      throw new Error('no randomness')
    }),
  ).toThrow('no randomness')
  expect(readdirSync(dir)).toEqual([])
})

test('secretFile() refuses a file that others can read, and an empty one', () => {
  secretFile(dir, 'keys', () => 'x')
  chmodSync(join(dir, 'keys'), 0o644)
  expect(() => secretFile(dir, 'keys', () => 'y')).toThrow(/others can read it. Run: chmod 600/)
  writeFileSync(join(dir, 'empty'), '', { mode: 0o600 })
  expect(() => secretFile(dir, 'empty', () => 'y')).toThrow(/is empty/)
  expect(readFileSync(join(dir, 'empty'), 'utf8')).toBe('')
})

test('openDataDirectory() makes one level and says what is in the way of more', () => {
  expect(openDataDirectory(join(dir, 'new'))).toBe(join(dir, 'new'))
  expect(statSync(join(dir, 'new')).mode & 0o777).toBe(0o700)
  expect(() => openDataDirectory(join(dir, 'a', 'b'))).toThrow(/the directory above it does not exist/)
  writeFileSync(join(dir, 'file'), '')
  expect(() => openDataDirectory(join(dir, 'file'))).toThrow(/a part of the path is a file/)
  expect(() => openDataDirectory('/proc/nope')).toThrow(/Cannot use \/proc\/nope/)
})
