/**
 * @module
 * `npm run full`: the long form of every proof, one after the other; it takes hours. Prints the results
 * of each, which are its lines of JSON, and exits with 1 when one falls short. `npm run full -- fuzz ssrf` runs those alone. Beside a database:
 * `tools/with-postgres.sh tools/with-redis.sh npm run full`.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A script of package.json with its arguments and, where it takes them, variables. */
const proofs: readonly (readonly [script: string, args: readonly string[], env?: NodeJS.ProcessEnv])[] = [
  // Generated expressions and distorted records, in place of some thousands.
  ['test', ['packages/connectors/src/closure'], { RUNS: '200000' }],
  ['proofs', []],
  ['ssrf', []],
  ['canaries', []],
  ['conformance', []],
  ['audit-proof', ['--full']],
  ['chaos', ['--full']],
  ['fuzz', ['--full']],
]

const wanted = process.argv.slice(2)
const names = proofs.map(([script]) => script)
const unknown = wanted.find((name) => !names.includes(name))
if (unknown !== undefined) {
  console.error(`Cannot run ${JSON.stringify(unknown)}: there are ${names.join(', ')}`)
  process.exit(2)
}
const fallenShort: string[] = []
for (const [script, args, env] of proofs.filter(([name]) => wanted.length === 0 || wanted.includes(name))) {
  const startedAt = Date.now()
  const code = await run(script, args, env)
  const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1)
  console.log(`${code === 0 ? 'ok    ' : 'failed'} ${script} ${args.join(' ')} (${minutes} min)`)
  if (code !== 0) fallenShort.push(script)
}
console.log(JSON.stringify({ full: true, failed: fallenShort }))
process.exitCode = fallenShort.length === 0 ? 0 : 1

async function run(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number | null> {
  const child = spawn('npm', ['run', '--silent', script, '--', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) console.log(line)
  })
  return new Promise<number | null>((resolve) => child.once('close', resolve))
}
