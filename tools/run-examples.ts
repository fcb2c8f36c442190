/**
 * @module
 * Runs every example against one server and one sandbox. Prints a line for each; exits non-zero when one fails.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startSandboxedServer } from 'quartermaster'

const folder = fileURLToPath(new URL('../examples', import.meta.url))
const LIMIT_MS = 120_000

const { server, sandbox, accounts, stop } = await startSandboxedServer()
let failed = 0
try {
  const env = {
    ...process.env,
    QUARTERMASTER_URL: server.url,
    QUARTERMASTER_ADMIN_TOKEN: server.adminToken,
    QUARTERMASTER_ACCOUNTS: JSON.stringify(accounts.map(({ id, system }) => ({ id, system }))),
    SANDBOX_URL: sandbox.url,
  }
  const names = readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/main.ts`))
  if (names.length === 0) throw new Error('Cannot run the examples: there are none')
  for (const name of names) {
    const startedAt = performance.now()
    const { code, output } = await run(`${folder}/${name}/main.ts`, env)
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
    if (code === 0) continue
    failed += 1
    console.error(output)
  }
} finally {
  await stop()
}
process.exitCode = failed === 0 ? 0 : 1

async function run(file: string, env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['--conditions=quartermaster-source', file], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  return { code, output }
}
