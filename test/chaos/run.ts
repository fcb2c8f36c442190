/**
 * @module
 * `npm run chaos`: every proof of the vault that needs processes, crashes or a broken authority, on every store; one
 * JSON line each, and one for all. Exits with 1 when a proof falls short, with 2 for a bad command line.
 */

import { closeChaosTestbeds } from './chaos-testbed.ts'
import { type ChaosOptions, readOptions } from './options.ts'
import { progress } from './progress.ts'
import { proofs } from './proofs.ts'
import { seeded } from './random.ts'

let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupted) process.exit(130)
    interrupted = true
    console.error('stopping: a second Ctrl-C does not wait for what is left behind')
    void closeChaosTestbeds().then(() => process.exit(130))
  })
}

const options = parsed()
if (options) process.exit(await runAll(options))

function parsed(): ChaosOptions | undefined {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error((error as Error).message)
    process.exit(2)
  }
}

async function runAll({ full, seed, only, stores }: ChaosOptions): Promise<number> {
  const startedAt = performance.now()
  const failed: string[] = []
  for (const store of stores) {
    for (const name of only) {
      if (!(await run(name, store))) failed.push(`${name} (${store})`)
    }
  }
  const summary = { chaos: full ? 'full' : 'quick', seed, stores, proofs: stores.length * only.length, failed }
  console.log(JSON.stringify({ ...summary, holds: failed.length === 0, ms: since(startedAt) }))
  return failed.length === 0 ? 0 : 1

  async function run(name: string, store: (typeof stores)[number]): Promise<boolean> {
    const kind = proofs[name]
    if (!kind) return false
    const begunAt = performance.now()
    const step = progress(`${name} on ${store}`, (line) => console.error(line))
    const known = { proof: name, store, seed }
    try {
      const setting = { store, random: seeded(seed), step }
      const { result, control, holds } = await kind.prove(full ? kind.full : kind.quick, setting)
      console.log(JSON.stringify({ ...known, ...result, control, holds, ms: since(begunAt) }))
      return holds
    } catch (error) {
      // What is under way fails when it is swept away.
      if (interrupted) return new Promise(() => {})
      console.error(error)
      console.log(JSON.stringify({ ...known, error: String(error), holds: false, ms: since(begunAt) }))
      return false
    }
  }
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt)
}
