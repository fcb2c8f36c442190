import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cliMain } from '@quartermaster/testing/testbed'
import { expect, onTestFinished, test } from 'vitest'

/** Whether a disk of one's own can be mounted here, for which a user namespace is enough (user_namespaces(7)). */
const canMount = (() => {
  try {
    execFileSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** Serves from a directory on a disk of its own, which nobody else sees; what it says before it ends. */
async function serveOn(disk: string): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'qm-disk-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const script = `mount -t tmpfs -o ${disk} tmpfs ${dir} && exec "$0" "$@"`
  const serve = [process.execPath, '--conditions=quartermaster-source', cliMain, 'serve', '--port', '0', '--data', dir]
  try {
    await promisify(execFile)('unshare', ['-rm', 'sh', '-c', script, ...serve])
  } catch (error) {
    return (error as { stderr: string }).stderr
  }
  throw new Error('it served')
}

test.skipIf(!canMount)('a data directory on a read-only disk is refused in words', async () => {
  expect(await serveOn('size=1m,ro')).toMatch(/Cannot .*qm-disk-\w+.*: it is on a read-only disk\n$/)
})

test.skipIf(!canMount)(
  'a data directory on a full disk is refused in words, from the first file to the last page',
  async () => {
    for (const size of ['4k', '16k', '32k', '64k']) {
      const said = await serveOn(`size=${size}`)
      expect([size, said]).toEqual([size, expect.stringMatching(/Cannot .*full/)])
      expect(said).not.toContain('    at ')
    }
  },
)
