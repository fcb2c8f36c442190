import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { claimDirectory } from './host-claim.ts'
import { openStore } from './open.ts'

function directory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'qm-host-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
const here = { kernel: 'k-1', name: 'one' }
const there = { kernel: 'k-2', name: 'two' }

test('claimDirectory() lets processes of one host in, and no other host before the last of them is gone', () => {
  const dir = directory()
  const ends = [claimDirectory(dir, here), claimDirectory(dir, { ...here, name: 'a container' })]
  const refused = () => claimDirectory(dir, there)
  expect(refused).toThrow(
    /^Cannot open the store in .*: the host (one|a container) has it open and was last seen \d s ago/,
  )
  ends[0]?.()
  expect(refused).toThrow(/the host a container has it open.*PostgreSQL/)
  ends[1]?.()
  expect(readdirSync(dir)).toEqual([])
  const end = refused()
  expect(() => claimDirectory(dir, here)).toThrow(/the host two has it open/)
  end()
})

test('what a killed process has left behind is ignored after half a minute, and swept', () => {
  const dir = directory()
  const left = join(dir, 'open.0123456789abcdef')
  writeFileSync(left, JSON.stringify(there))
  expect(() => claimDirectory(dir, here)).toThrow(/if it was killed, wait (30|29) s/)
  const old = new Date(Date.now() - 31_000)
  utimesSync(left, old, old)
  claimDirectory(dir, here)()
  expect(readdirSync(dir)).toEqual([])
})

test('files that only look alike are left alone', () => {
  const dir = directory()
  for (const [name, text] of [
    ['open.0123456789abcdef', 'no JSON'],
    ['open.0123456789abcde0', '{"kernel":7}'],
    ['open.txt', JSON.stringify(there)],
  ] as const)
    writeFileSync(join(dir, name), text)
  claimDirectory(dir, here)()
  expect(readdirSync(dir)).toHaveLength(3)
})

test('openStore() refuses a directory that another host has open, and cleans up after itself', async () => {
  const dir = directory()
  const end = claimDirectory(dir, there)
  await expect(openStore(dir)).rejects.toThrow(/the host two has it open/)
  expect(readdirSync(dir)).toHaveLength(1)
  end()
  const store = await openStore(dir)
  expect(() => claimDirectory(dir, there)).toThrow(/has it open/)
  await store.close()
  claimDirectory(dir, there)()
})
