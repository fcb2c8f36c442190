/**
 * @module
 * Runs the MCP conformance suite against the endpoint over real HTTP, once for each protocol revision. Exits non-zero
 * when an applicable check fails; the last line is one JSON object.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { checkOrigin, createMcpEndpoint, loopbackHosts } from '@quartermaster/server'
import { access } from './access.ts'
import { applicability } from './applicable.ts'
import { buildFixtureServer } from './fixtures.ts'
import { type Check, judge } from './judge.ts'

const suite = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/package.json'))
const program = join(suite, '..', 'dist', 'index.js')

async function listen(): Promise<{ url: string; close: () => void }> {
  const options: Parameters<typeof createMcpEndpoint>[0] = {
    invoke: async () => ({ ok: true, records: [], quotas: [] }),
    serverInfo: { name: 'quartermaster', version: '0.1.0' },
    requestId: () => 'req_conformance',
    log: (event) => process.stderr.write(event.event === 'mcp_internal_error' ? `${JSON.stringify(event)}\n` : ''),
  }
  const endpoint = createMcpEndpoint(options, (request) => buildFixtureServer(options, request))
  const allowed = { hosts: loopbackHosts, origins: loopbackHosts }
  const fetch = async (request: Request) => checkOrigin(request, allowed) ?? endpoint.handle(request, access)
  return new Promise((resolve) => {
    const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }: AddressInfo) =>
      resolve({ url: `http://127.0.0.1:${port}/mcp/conformance`, close: () => server.close() }),
    )
  })
}

/** The suite's own exit code also counts scenarios that do not apply, so only its reports are used. */
async function report(url: string, revision: string): Promise<ReadonlyMap<string, readonly Check[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'))
  try {
    await new Promise((resolve, reject) => {
      const args = [program, 'server', '--url', url, '--requirements', revision, '-o', folder]
      spawn(process.execPath, args, { stdio: 'ignore' }).once('error', reject).once('exit', resolve)
    })
    const entries = await Promise.all(
      (await readdir(folder)).map(async (name) => {
        const scenario = name.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T[\dZ-]+$/, '')
        return [scenario, JSON.parse(await readFile(join(folder, name, 'checks.json'), 'utf8')) as Check[]] as const
      }),
    )
    return new Map(entries)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const { url, close } = await listen()
const summary: Record<string, { scenarios: number; passed: number; failed: number; notApplicable: number }> = {}
for (const [revision, applicable] of Object.entries(applicability)) {
  const { scenarios, passed, faults } = judge(await report(url, revision), applicable)
  console.log(`${revision}: ${scenarios} scenarios apply, ${passed} checks passed, ${faults.length} failed`)
  for (const fault of faults) console.log(`  ${fault}`)
  const excused = Object.entries(applicable.doesNotApply)
  for (const [reason, names] of excused) console.log(`  not applicable, ${reason}: ${names.join(', ')}`)
  summary[revision] = { scenarios, passed, failed: faults.length, notApplicable: excused.flatMap(([, n]) => n).length }
}
close()
console.log(JSON.stringify({ suite: '0.2.0-alpha.12', ...summary }))
process.exitCode = Object.values(summary).some(({ failed }) => failed > 0) ? 1 : 0
