import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConnectTestbed, openConnectTestbed } from './connect-testbed.ts'

let testbed: ConnectTestbed
beforeAll(async () => {
  testbed = await openConnectTestbed()
})
afterAll(() => testbed.close())

const run = promisify(execFile)

async function command(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const node = ['--conditions=quartermaster-source', 'packages/cli/src/main.ts', 'connect', ...args]
  const env = { ...process.env, QUARTERMASTER_URL: testbed.url, QUARTERMASTER_ADMIN_TOKEN: testbed.adminToken }
  try {
    const { stdout, stderr } = await run(process.execPath, node, { env })
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, out: stdout, err: stderr }
  }
}

test('quartermaster connect prints a link that works, and says what is wrong when it cannot', async () => {
  const made = await command('hubspot', '--tenant', 'acme', '--scopes', 'crm.objects.deals.write', '--json')
  expect(made.code).toBe(0)
  const { url, scopes } = JSON.parse(made.out) as { url: string; scopes: string[] }
  expect(scopes).toContain('crm.objects.deals.write')
  expect((await testbed.browser().get(url)).status).toBe(200)

  const unknown = await command('nosuch', '--tenant', 'acme')
  expect(unknown.code).not.toBe(0)
  expect(unknown.err).toContain('Known are: hubspot, salesforce')
})
