/**
 * @module
 * `npm run fuzz`: hostile inputs of every kind against a real server, with its positive control. One JSON line; exit
 * code 1 when something may not be, or when the control shows that it would not have been seen.
 */
import { parseArgs } from 'node:util'
import { addedReports } from './added-reports.ts'
import { control } from './control.ts'
import { fuzzInParts } from './fuzz-in-parts.ts'
import { progress } from './progress.ts'
import { targets } from './targets.ts'

const usage = `npm run fuzz -- [options]: hostile inputs against a real server

  --full           1,000,000 inputs instead of 20,000
  --inputs <n>     so many
  --processes <n>  so many servers beside each other, each with its part of the inputs; default 2
  --part <n>       inputs after which the servers are exchanged for new ones; default 250,000
  --state <file>   keeps whole parts there, and goes on after them when it is there
  --only <name>    one target (repeatable): ${targets.map(({ name }) => name).join(', ')}
  --seed <n>       repeats the inputs of a run
  --help`

async function main(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      full: { type: 'boolean', default: false },
      inputs: { type: 'string' },
      processes: { type: 'string', default: '2' },
      part: { type: 'string', default: '250000' },
      state: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(usage)
  const unknown = values.only.find((name) => !targets.some((target) => target.name === name))
  if (unknown !== undefined) throw new Error(`Cannot fuzz ${unknown}: see --help for the targets`)
  const seed = readNumber('seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31)))
  const inputs = readNumber('inputs', values.inputs ?? (values.full ? '1000000' : '20000'))
  const startedAt = performance.now()
  const run = {
    seed,
    inputs,
    only: values.only,
    processes: Math.max(1, readNumber('processes', values.processes)),
    perPart: Math.max(1, readNumber('part', values.part)),
  }
  const step = progress(inputs, { now: () => performance.now(), say: (line) => console.error(line) })
  const controlled = await control(seed)
  const parts = await fuzzInParts(run, { file: values.state, step })
  const { wrong, ...report } = addedReports(parts)
  const all = [...wrong, ...controlled.missed.map((missed) => `the control was not reported: ${missed}`)]
  for (const line of all) console.error(line)
  const failures = Object.values(report.targets).reduce((sum, target) => sum + target.failures, 0)
  const ok = all.length === 0
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10
  const servers = parts.length * run.processes
  const facts = { proof: 'fuzz', ok, seed, failures, servers, ...report, control: controlled, seconds }
  console.log(JSON.stringify(facts))
  process.exitCode = ok ? 0 : 1
}

/** @throws Error for anything but a whole number from 0 on. */
function readNumber(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`Cannot use --${name}: it is not a whole number`)
  return Number(text)
}

await main(process.argv.slice(2))
