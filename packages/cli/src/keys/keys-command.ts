/**
 * @module
 * `quartermaster keys`: the key ring of a data directory is shown, extended, rotated and shortened while servers run.
 */
import { setTimeout as delay } from 'node:timers/promises'
import {
  auditChain,
  auditKeys,
  auditLog,
  eventRecorder,
  newKey,
  noteSealingKey,
  openPostgresStore,
  openStore,
  parseKeyRing,
  refusals,
  resealAll,
  ringStatus,
  type Store,
  whyNeeded,
} from '@quartermaster/server'
import Table from 'cli-table3'
import { Command } from 'commander'
import { readKeyFile, writeKeyFile } from '../installation/key-file.ts'
import { databaseUrlOption } from '../serve/database-url-option.ts'

interface KeysOptions {
  readonly data: string
  readonly databaseUrl?: string
}

export function keysCommand(): Command {
  const keys = new Command('keys').description('Rotate the keys that grants are sealed with, while servers run')
  const command = (name: string, description: string) =>
    new Command(name)
      .description(description)
      .requiredOption('--data <directory>', 'the data directory of the server, where the key file is')
      .addOption(databaseUrlOption('the PostgreSQL database of the server, when it uses one'))

  const status = command('status', 'Show the keys, what each has sealed, and what does not open').action(
    ({ data, databaseUrl }: KeysOptions) =>
      withStore({ data, databaseUrl }, async (store) => {
        const shown = await ringStatus(store, parseKeyRing(readKeyFile(data)))
        const table = new Table({ head: ['key', 'rows', 'state'] })
        for (const { kid, rows, inRing } of shown.keys) {
          table.push([kid, rows, inRing ? (kid === shown.current ? 'seals and opens' : 'opens') : 'MISSING'])
        }
        console.log(table.toString())
        console.log(`${shown.unreadable} rows do not open, ${shown.quarantined} accounts are in quarantine`)
        if (shown.unreadable > 0) process.exitCode = 1
      }),
  )

  const add = command('add', 'Add a new key and seal with it from now on').action(
    ({ data, databaseUrl }: KeysOptions) =>
      withStore({ data, databaseUrl }, async (store) => {
        const text = readKeyFile(data)
        const kid = await freeKid(store, parseKeyRing(text).kids())
        const extended = `${newKey(kid)},${text}`
        await recorded(store, data, { event: 'key.added', kid }, async () => writeKeyFile(data, extended))
        await noteSealingKey(store, parseKeyRing(extended), Date.now())
        console.log(`Key ${kid} seals from now on. Running servers take it up in a few seconds; then: keys rotate`)
      }),
  )

  const rotate = command('rotate', 'Seal with the current key whatever older keys have sealed').action(
    ({ data, databaseUrl }: KeysOptions) =>
      withStore({ data, databaseUrl }, async (store) => {
        const ring = parseKeyRing(readKeyFile(data))
        const [kid = 0] = ring.kids()
        const { resealed, unreadable } = await recorded(store, data, { event: 'key.rotated', kid }, () =>
          resealAll(store, ring, () => delay(5)),
        )
        console.log(`${resealed} rows are sealed anew, ${unreadable} do not open`)
        if (unreadable > 0) process.exitCode = 1
      }),
  )

  const drop = command('drop', 'Remove a key that nothing needs any more')
    .argument('<id>', 'the number of the key', Number)
    .action((kid: number, { data, databaseUrl }: KeysOptions) =>
      withStore({ data, databaseUrl }, async (store) => {
        const text = readKeyFile(data)
        const ring = parseKeyRing(text)
        if (!ring.kids().includes(kid)) throw new Error(`Cannot drop key ${kid}: it is not in the ring`)
        const why = await whyNeeded(store, ring, kid, Date.now())
        if (why !== undefined) throw new Error(`Cannot drop key ${kid}: ${why}`)
        const rest = text.split(',').filter((item) => Number(item.trim().split(':')[0]) !== kid)
        await recorded(store, data, { event: 'key.dropped', kid }, async () => writeKeyFile(data, rest.join(',')))
        console.log(`Key ${kid} is gone`)
      }),
    )

  return keys.addCommand(status).addCommand(add).addCommand(rotate).addCommand(drop)
}

/** What cannot be recorded in the audit does not happen. */
async function recorded<T>(
  store: Store,
  data: string,
  { event, kid }: { readonly event: 'key.added' | 'key.rotated' | 'key.dropped'; readonly kid: number },
  work: () => Promise<T>,
): Promise<T> {
  const keys = auditKeys(store.audit, parseKeyRing(readKeyFile(data)))
  const log = auditLog(auditChain({ store: store.audit, keys, now: Date.now }).write)
  const events = eventRecorder({ log, refusals: refusals(log, Date.now), now: Date.now })
  return events.around({ event, tenant: undefined, actor: 'operator', subject: `key:${kid}` }, work)
}

/** An id is never used twice: what was sealed with its first bearer must not be taken for the second's. */
async function freeKid(store: Store, kids: readonly number[]): Promise<number> {
  const used = new Set([...kids, ...(await store.reseal.countByKey()).keys()])
  for (let kid = Math.max(...used) + 1; kid <= 255; kid++) {
    if ((await store.meta.get(`sealing_since:${kid}`)) === undefined) return kid
  }
  throw new Error('Cannot add a key: all ids up to 255 have been used')
}

async function withStore(
  at: { readonly data: string; readonly databaseUrl: string | undefined },
  work: (store: Store) => Promise<void>,
): Promise<void> {
  if (process.env['QUARTERMASTER_KEYS'] !== undefined) {
    throw new Error('Cannot change the keys: they come from QUARTERMASTER_KEYS. Change them where that is set')
  }
  const store = await (at.databaseUrl === undefined ? openStore(at.data) : openPostgresStore(at.databaseUrl))
  try {
    await work(store)
  } finally {
    await store.close()
  }
}
