/**
 * @module
 * Runs every example, two at a time, and prints a line for each; or one of them, `npm run examples -- <name> [options]`,
 * and shows what it says. Exits non-zero when one fails. The larger ones share one server and one sandbox, the smaller ones
 * bring their own.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startSandboxedServer } from 'quartermaster'

const folder = fileURLToPath(new URL('../examples', import.meta.url))
/** Some seconds each on a machine that has time; one that is busy with other work may need ten times as long. */
const LIMIT_MS = 300_000
const CONCURRENCY = 2

const names = readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/main.ts`))
if (names.length === 0) throw new Error('Cannot run the examples: there are none')
const [only, ...options] = process.argv.slice(2)
if (only !== undefined && !names.includes(only)) {
  console.error(`Cannot run ${JSON.stringify(only)}: there is no such example. There are: ${names.join(', ')}`)
  process.exit(1)
}

const { server, sandbox, accounts, stop } = await startSandboxedServer()
const started = performance.now()
let failed = 0
try {
  const env = {
    ...process.env,
    QUARTERMASTER_URL: server.url,
    QUARTERMASTER_ADMIN_TOKEN: server.adminToken,
    QUARTERMASTER_ACCOUNTS: JSON.stringify(accounts.map(({ id, system }) => ({ id, system }))),
    SANDBOX_URL: sandbox.url,
  }
  if (only === undefined) await runAll(env)
  else failed = (await show(only, env)) === 0 ? 0 : 1
} finally {
  await stop()
}
process.exitCode = failed === 0 ? 0 : 1

async function runAll(env: NodeJS.ProcessEnv): Promise<void> {
  // These two count the records of the shared sandbox, so neither may change them while the other looks.
  const shared = names.filter((name) =>
    readFileSync(`${folder}/${name}/main.ts`, 'utf8').includes("'../environment.ts'"),
  )
  const queue = [shared, ...names.filter((name) => !shared.includes(name)).map((name) => [name])].values()
  const worker = async () => {
    for (const group of queue) for (const name of group) await report(name, env)
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  console.log(`${names.length - failed} passed, ${failed} failed, in ${seconds(started)} s`)
}

/** As somebody would run it by hand: with the terminal as it is, and all the time it takes. */
function show(name: string, env: NodeJS.ProcessEnv): Promise<number | null> {
  const args = ['--conditions=quartermaster-source', `${folder}/${name}/main.ts`, ...options]
  const child = spawn(process.execPath, args, { env, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
}

async function report(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const startedAt = performance.now()
  const { code, output } = await run(`${folder}/${name}/main.ts`, env)
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds(startedAt)} s)`)
  if (code === 0) return
  failed += 1
  console.error(output)
}

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

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1)
}
