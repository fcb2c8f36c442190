/**
 * @module
 * How long `quartermaster serve` takes until it is ready, and what it holds in memory when nobody calls. It starts the
 * built package on a new data directory, several times, and exits with 1 when the median is above 700 ms or 150 MB.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** Whether it works is asked, not how fast it is: few rounds, no verdict. */
const TINY = process.argv.includes('--tiny')
const STARTS = TINY ? 1 : 5
const MAX_READY_MS = 700
const MAX_RSS_MB = 150
/** What starting leaves behind is collected within this time, or it stays. */
const IDLE_MS = TINY ? 0 : 3_000

const root = fileURLToPath(new URL('..', import.meta.url))
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'packages/cli'], { cwd: root })

const starts: { readonly ready_ms: number; readonly rss_mb: number }[] = []
for (let nth = 0; nth < STARTS; nth += 1) {
  const start = await startOnce()
  console.log(`${String(start.ready_ms).padStart(5)} ms until ready ${String(start.rss_mb).padStart(5)} MB when idle`)
  starts.push(start)
}
const [ready_ms, rss_mb] = [median(starts.map((each) => each.ready_ms)), median(starts.map((each) => each.rss_mb))]
const ok = ready_ms <= MAX_READY_MS && rss_mb <= MAX_RSS_MB
console.log(`\nmedian of ${STARTS}: ${ready_ms} ms (at most ${MAX_READY_MS}), ${rss_mb} MB (at most ${MAX_RSS_MB})`)
console.log(
  JSON.stringify({
    bench: 'start',
    node: process.version,
    cores: availableParallelism(),
    starts: STARTS,
    ok,
    ready_ms,
    rss_mb,
  }),
)
process.exitCode = TINY || ok ? 0 : 1

async function startOnce() {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-start-'))
  const main = join(root, 'packages/cli/dist/main.js')
  const startedAt = performance.now()
  const args = [main, 'serve', '--port', '0', '--log-level', 'error', '--data', join(folder, 'data')]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as unknown[]
    if (typeof line !== 'string') throw new Error('Cannot measure: the server has not become ready')
    const ready_ms = Math.round(performance.now() - startedAt)
    await delay(IDLE_MS)
    return { ready_ms, rss_mb: Math.round(residentBytes(child.pid ?? 0) / 1e6) }
  } finally {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true })
  }
}

/** Of the process, as `ps` of every Unix says it, in KiB. */
function residentBytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1_024
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
