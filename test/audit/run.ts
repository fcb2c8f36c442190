/**
 * @module
 * `npm run audit-proof`: what the audit promises, one JSON line each. Exits with 1 when a proof falls short, or when its
 * control shows that it could not have failed, with 2 for a bad command line.
 */
import { parseArgs } from 'node:util'
import { testDatabaseServer } from '@quartermaster/testing'
import { seeded } from '../chaos/random.ts'
import { type OpenDatabase, openPostgresDatabase, openSqliteDatabase } from './database.ts'
import { failures } from './failures.ts'
import { killServers } from './kill.ts'
import { tamper } from './tamper.ts'

const help = `npm run audit-proof -- [options]: no answer without a row, no write without an intent, no tamper unseen

  --full           200 kills, 200 failures and 1,000 tampers on each store, an hour or more; quick otherwise
  --only <name>    tamper, failures or kill
  --store <name>   sqlite or postgres; default: both when QUARTERMASTER_TEST_DATABASE_URL is set, else sqlite
  --seed <n>       repeats a run
  --minutes <n>    stops killing after that time, and then falls short; default 60`

const values = options()
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
const size = (quick: number, full: number) => (values.full ? full : quick)

const proofs: {
  readonly [name: string]: (
    database: OpenDatabase,
    random: () => number,
    open: () => Promise<OpenDatabase>,
  ) => Promise<{ result: object; holds: boolean }>
} = {
  async tamper(database, random) {
    const result = await tamper(database, size(100, 1_000), random)
    const found = result.detected === result.tampers && result.at_right_row === result.tampers
    return { result, holds: found && result.false_alarms === 0 && result.control_unchained.detected === 0 }
  },
  async failures(database, random) {
    const result = await failures(database, size(40, 200), random)
    const { control_without_rows: control } = result
    const outages = [result.unwritable, result.unwritable_cold]
    const controls = [result.control_writable, result.control_writable_cold]
    const kept = result.acknowledged_without_row === 0 && result.writes_sent_without_intent === 0
    const refused = outages.every((each) => each.refused === each.calls && each.upstream_requests === 0)
    const inTime = outages.every((each) => each.slowest_ms <= 2_000)
    const counts = control.acknowledged_without_row > 0 && control.writes_sent_without_intent > 0
    const reaches = controls.every((each) => each.refused === 0 && each.upstream_requests >= each.calls)
    // Beside the calls, the questions about fields: a cold control that asks none would prove nothing of them.
    const asks = result.control_writable_cold.upstream_requests > result.control_writable_cold.calls
    const bites = result.failures_injected > 0 && result.acknowledged > 0 && counts && reaches && asks
    return { result, holds: kept && refused && inTime && bites }
  },
  async kill(database, random, open) {
    const step = (done: number) => void (done % 10 === 0 && console.error(`killed ${done}`))
    const kills = size(6, 200)
    const result = await killServers(database, kills, random, { step, atMostMs: Number(values.minutes) * 60_000 })
    const other = await open()
    const careless = await killServers(other, 4, random, { careless: true })
    await other.close()
    const kept = result.acknowledged_without_row === 0 && result.changes_without_intent === 0
    const closed = result.closed_as_unknown === result.left_open && result.still_open === 0 && result.sound
    const bites = result.left_open > 0 && careless.acknowledged_without_row > 0 && careless.changes_without_intent > 0
    const { acknowledged, acknowledged_without_row, changes, changes_without_intent } = careless
    const control_careless = { kills: 4, acknowledged, acknowledged_without_row, changes, changes_without_intent }
    return { result: { ...result, control_careless }, holds: kept && closed && result.kills === kills && bites }
  },
}

const stores: { readonly [name: string]: () => Promise<OpenDatabase> } = {
  sqlite: openSqliteDatabase,
  ...(testDatabaseServer ? { postgres: openPostgresDatabase } : {}),
}
refuseUnknown('only', values.only, Object.keys(proofs))
refuseUnknown('store', values.store, Object.keys(stores))
let allHold = true
for (const [name, prove] of Object.entries(proofs)) {
  if (values.only !== undefined && values.only !== name) continue
  for (const [store, open] of Object.entries(stores)) {
    if (values.store !== undefined && values.store !== store) continue
    const startedAt = performance.now()
    const database = await open()
    const { result, holds } = await prove(database, seeded(seed), open)
    await database.close()
    const ms = Math.round(performance.now() - startedAt)
    console.log(JSON.stringify({ proof: name, store, seed, ...result, holds, ms }))
    allHold &&= holds
  }
}
process.exit(allHold ? 0 : 1)

function options() {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: 'boolean' },
        full: { type: 'boolean', default: false },
        seed: { type: 'string' },
        only: { type: 'string' },
        store: { type: 'string' },
        minutes: { type: 'string', default: '60' },
      },
    })
    if (!values.help) return values
    console.log(help)
    process.exit(0)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`)
    process.exit(2)
  }
}

/** A name that nobody has would prove nothing, and pass. */
function refuseUnknown(option: string, name: string | undefined, known: readonly string[]): void {
  if (name === undefined || known.includes(name)) return
  console.error(`Cannot prove --${option} ${name}: there are ${known.join(', ')}`)
  process.exit(2)
}
