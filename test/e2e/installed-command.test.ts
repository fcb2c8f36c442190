/**
 * @module
 * `npx quartermaster` in a clone after `npm ci`: the command that npm links runs the sources, under the clone's own Node and
 * under an older Node of the machine.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'

const command = new URL('../../node_modules/.bin/quartermaster', import.meta.url).pathname
const machineNode = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .map((folder) => join(folder, 'node'))
  .find((file) => existsSync(file))
const isOld =
  machineNode !== undefined &&
  Number(execFileSync(machineNode, ['-p', 'process.versions.node'], { encoding: 'utf8' }).split('.')[0]) < 24

const nodes = [
  { name: 'the Node of the clone', node: process.execPath, skip: false },
  { name: 'an older Node of the machine', node: machineNode ?? '', skip: !isOld },
]

for (const { name, node, skip } of nodes) {
  describe.skipIf(skip)(name, () => {
    const run = (...args: string[]) => spawnSync(node, [command, ...args], { encoding: 'utf8' })

    it('prints the help', () => {
      const { status, stdout } = run('--help')
      expect(stdout).toContain('Usage: quartermaster [options] [command]')
      expect(status).toBe(0)
    })

    it('passes arguments on as they are, and the exit code back', () => {
      const { status, stderr } = run('no such "command"')
      expect(stderr).toContain(`unknown command 'no such "command"'`)
      expect(status).toBe(1)
    })

    it.each(['SIGTERM', 'SIGINT'] as const)('drains the server on %s and exits with 0', async (signal) => {
      const child = spawn(node, [command, 'serve', '--port', '0', '--log-level', 'error'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)))
      const line = await new Promise<string>((resolve) =>
        createInterface({ input: child.stdout }).once('line', resolve),
      )
      const { url } = JSON.parse(line) as { url: string }
      expect((await fetch(`${url}/healthz`)).status).toBe(200)
      child.kill(signal)
      expect(await ended).toBe(0)
      await expect(fetch(`${url}/healthz`)).rejects.toThrow()
    })
  })
}

it('is found by npx, which fetches nothing', () => {
  const { status, stdout } = spawnSync('npx', ['quartermaster', '--version'], {
    encoding: 'utf8',
    env: { ...process.env, npm_config_offline: 'true' },
  })
  expect(stdout.trim()).toBe('0.1.0')
  expect(status).toBe(0)
})
