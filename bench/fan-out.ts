/**
 * @module
 * 5,000 record reads in 25 branches through our server, real MCP, against a vendor whose window is scaled down from ten
 * seconds to two: our gate, the guide's decorator, LangChain's retry middleware and exponential backoff; then our gate in
 * four processes, and a second tenant beside it. The server's own budget is on, as it is by default, so the least possible
 * time is that of its part of the limit. Exits with 1 when our gate falls short.
 *
 * `--records 1000` reads fewer, `--window 1` scales otherwise; with `QUARTERMASTER_TEST_REDIS_URL` the processes share
 * Redis, with `QUARTERMASTER_TEST_DATABASE_URL` PostgreSQL, else SQLite.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { callTool, connect, RateGate } from '@quartermaster/client'
import { type Outcome, type ReadAllOptions, readAll } from './fan-out/read-all.ts'
import { type FanOutTestbed, startChild, startTestbed } from './fan-out/start-testbed.ts'
import { decorator, exponential, gate, TOOL, toolRetry, type Way, wireOver } from './fan-out/ways.ts'
import type { WorkerOptions } from './fan-out/worker.ts'

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: process.argv.includes('--tiny') ? '20' : '5000' },
    window: { type: 'string', default: '2' },
    tiny: { type: 'boolean' },
  },
})
/** Whether it works is asked, not how fast it is: few records, no verdict. */
const TINY = values.tiny === true
const RECORDS = Number(values.records)
const BRANCHES = 25
const PROCESSES = 4
/** HubSpot's 110 requests for each account and app, in two seconds instead of ten. */
const LIMIT = 110
const WINDOW_S = Number(values.window)
/** Of the limit, for agents: the server's default. */
const SHARE = 0.9
/** No way gets longer than three times the minimum. */
const WITHIN_MS = Math.max(20_000, 3 * minimumMs())
/** The guide's figure for one record at the vendor. */
const NEIGHBOUR_MS = 100
const ALLOWED = { makespan: 1.05, refusedPerWindow: 1, lost: 0, neighbour: 1.2 }

const SHARED =
  process.env['QUARTERMASTER_TEST_REDIS_URL'] ?? process.env['QUARTERMASTER_TEST_DATABASE_URL'] ?? 'sqlite:'

const testbed = await startTestbed({
  tenants: ['ours', 'decorated', 'retried', 'backed-off', 'shared', 'neighbour'],
  limit: LIMIT,
  windowS: WINDOW_S,
})
const neighbour = await startNeighbour(testbed)
const alone = await neighbour.during(neighbour.wait(TINY ? 2 : 80))
const shared = await neighbour.during(run(testbed, 'ours', gate))
const [decorated, retried, backedOff] = await Promise.all([
  run(testbed, 'decorated', decorator),
  run(testbed, 'retried', toolRetry),
  run(testbed, 'backed-off', exponential),
])
const processes = await runProcesses(testbed, 'shared')
await neighbour.close()
await testbed.stop()

const rows: readonly (readonly [string, Outcome])[] = [
  ['our gate', shared.result],
  ['our gate, 4 processes', processes],
  ['guide’s decorator', decorated],
  ['toolRetryMiddleware', retried],
  ['exponential backoff', backedOff],
]
console.log(
  `${RECORDS} reads, ${BRANCHES} branches, ${LIMIT} requests per ${WINDOW_S} s, ${SHARE} of them for agents; minimum ${minimumMs()} ms`,
)
console.log('                           makespan  ÷ minimum   429s  most/window  lost  wasted calls')
for (const [name, outcome] of rows) {
  const { ms, refused, refusedPerWindow, lost, sent } = outcome
  const ratio = (ms / minimumMs()).toFixed(3)
  console.log(
    `${name.padEnd(24)}${`${ms} ms`.padStart(11)}${ratio.padStart(11)}${String(refused).padStart(7)}` +
      `${String(refusedPerWindow).padStart(13)}${String(lost).padStart(6)}${String(sent - RECORDS + lost).padStart(14)}`,
  )
}
const slowdown = p99(shared.times) / p99(alone.times)
console.log(
  `second tenant: p99 ${p99(alone.times)} ms alone, ${p99(shared.times)} ms beside it, × ${slowdown.toFixed(2)}`,
)

const faults = [shared.result, processes].flatMap((outcome, nth) => {
  const name = nth === 0 ? 'one process' : `${PROCESSES} processes`
  const ratio = outcome.ms / minimumMs()
  return [
    ratio > ALLOWED.makespan ? `${name}: makespan ${ratio.toFixed(3)} of the minimum` : '',
    outcome.refusedPerWindow > ALLOWED.refusedPerWindow
      ? `${name}: ${outcome.refusedPerWindow} refusals in a window`
      : '',
    outcome.lost > ALLOWED.lost ? `${name}: ${outcome.lost} records lost` : '',
  ].filter((fault) => fault !== '')
})
if (slowdown > ALLOWED.neighbour) faults.push(`second tenant: p99 × ${slowdown.toFixed(2)}`)
if (decorated.refused + retried.refused + backedOff.refused === 0) faults.push('control: nobody else was ever refused')
for (const fault of faults) console.log(`falls short: ${fault}`)
console.log(
  JSON.stringify({
    bench: 'fan-out',
    node: process.version,
    cores: availableParallelism(),
    records: RECORDS,
    branches: BRANCHES,
    limit: LIMIT,
    share: SHARE,
    window_s: WINDOW_S,
    minimum_ms: minimumMs(),
    store: SHARED.split(':')[0],
    rows: Object.fromEntries(rows),
    second_tenant: { p99_alone_ms: p99(alone.times), p99_beside_ms: p99(shared.times), ratio: round(slowdown) },
    faults,
  }),
)
process.exit(TINY || faults.length === 0 ? 0 : 1)

/** The last request cannot be sent before as many windows have passed as lie before it. */
function minimumMs(): number {
  return Math.floor((RECORDS - 1) / Math.floor(LIMIT * SHARE)) * WINDOW_S * 1000
}

function optionsFor(tenant: string, records: number, branches: number): ReadAllOptions {
  return { ids: testbed.ids[tenant] ?? [], records, branches, windowMs: WINDOW_S * 1000, withinMs: WITHIN_MS }
}

async function run(on: FanOutTestbed, tenant: string, way: Way): Promise<Outcome> {
  const conn = await connect(await on.toolUrl(tenant))
  const wire = wireOver(conn)
  const outcome = await readAll(wire, way(wire), optionsFor(tenant, RECORDS, BRANCHES))
  await conn.close()
  return outcome
}

async function runProcesses(on: FanOutTestbed, tenant: string): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'qm-gate-'))
  const url = await on.toolUrl(tenant)
  const store = SHARED === 'sqlite:' ? join(folder, 'gate.db') : SHARED
  const workers = Array.from({ length: PROCESSES }, (_, nth) => {
    const records = Math.floor(RECORDS / PROCESSES) + (nth < RECORDS % PROCESSES ? 1 : 0)
    const branches = Math.ceil(BRANCHES / PROCESSES)
    const options: WorkerOptions = { ...optionsFor(tenant, records, branches), url, store }
    const child = startChild(new URL('fan-out/worker.ts', import.meta.url), [JSON.stringify(options)])
    if (!child.stdout) throw new Error('Cannot read the worker: it has no output')
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
  })
  for (const { lines } of workers) await lines.next()
  const started = Date.now()
  for (const { child } of workers) child.stdin?.write('go\n')
  const outcomes = await Promise.all(
    workers.map(
      async ({ lines }) => JSON.parse((await lines.next()).value ?? '{}') as Outcome & { refusedAt: number[] },
    ),
  )
  const ms = Date.now() - started
  rmSync(folder, { recursive: true })
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0)
  const windows = new Map<number, number>()
  for (const at of outcomes.flatMap(({ refusedAt }) => refusedAt)) {
    const window = Math.floor((at - started) / (WINDOW_S * 1000))
    windows.set(window, (windows.get(window) ?? 0) + 1)
  }
  return {
    records: RECORDS,
    lost: sum(({ lost }) => lost),
    ms,
    sent: sum(({ sent }) => sent),
    refused: sum(({ refused }) => refused),
    refusedPerWindow: Math.max(0, ...windows.values()),
  }
}

/** Somebody else's agent on the same server, one call after the other, at a vendor that takes as long as a real one. */
async function startNeighbour(on: FanOutTestbed) {
  const own = new RateGate()
  await on.slow('neighbour', NEIGHBOUR_MS)
  const conn = await connect(await on.toolUrl('neighbour'))
  const call = async () => {
    const [id = ''] = on.ids['neighbour'] ?? []
    const started = performance.now()
    const outcome = await callTool(conn, TOOL, { id }, { account: 'neighbour', gate: own })
    if (!outcome.ok) throw new Error(`Cannot measure the second tenant: ${outcome.error.code}`)
    return performance.now() - started
  }
  for (let warmUp = 0; warmUp < 10; warmUp += 1) await call()
  let measured: number[] = []
  return {
    async wait(calls: number): Promise<void> {
      while (measured.length < calls) await new Promise((resolve) => setTimeout(resolve, 50))
    },
    async during<T>(work: Promise<T>): Promise<{ readonly result: T; readonly times: readonly number[] }> {
      measured = []
      let over = false
      const calling = (async () => {
        while (!over) measured.push(await call())
      })()
      const result = await work.finally(() => {
        over = true
      })
      await calling
      return { result, times: measured }
    },
    close: () => conn.close(),
  }
}

function p99(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  return round(sorted[Math.floor((sorted.length - 1) * 0.99)] ?? 0)
}

function round(value: number): number {
  return Number(value.toFixed(2))
}
