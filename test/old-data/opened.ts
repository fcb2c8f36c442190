/**
 * @module
 * A copy of the data of a release, opened with the code of today at any moment: its store, its vendors with the grants
 * that the store holds, and the clock of them all.
 */
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createTestDatabase, type TestDatabase } from '@quartermaster/testing'
import type { ReleaseFacts, StoreFacts } from './facts.ts'
import { command, type Finished, type Installation, type Running, start } from './installation.ts'
import { openVendors, type Vendors } from './vendors.ts'

export type StoreName = 'sqlite' | 'postgres'

/** One directory for each release whose data is kept. */
export const releases = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

export function factsOf(release: string, store: StoreName): StoreFacts {
  const text = readFileSync(join(import.meta.dirname, release, 'facts.json'), 'utf8')
  return (JSON.parse(text) as ReleaseFacts)[store]
}

/** An installation that is served at one moment. */
export interface Moment {
  readonly server: Running
  readonly vendors: Vendors
  command(...words: readonly string[]): Promise<Finished>
  /** `audit verify --json`, against the heads that were kept when the data was written. */
  verify(): Promise<Finished>
  /** Requests that a vendor has answered whose method and path match. */
  asked(tenant: string, system: string, named: RegExp): number
  /** Stops the server. @throws Error when it does not end well. */
  end(): Promise<void>
}

export interface Copy {
  /** Serves it as of so many milliseconds after it was written. */
  at(afterMs: number): Promise<Moment>
  remove(): Promise<void>
}

/** The release's own files are never opened. */
export async function copyOf(release: string, store: StoreName): Promise<Copy> {
  const facts = factsOf(release, store)
  const kept = join(import.meta.dirname, release)
  const dir = mkdtempSync(join(tmpdir(), 'qm-old-data-'))
  cpSync(join(kept, store), dir, { recursive: true })
  // A checkout does not keep that nobody else may read them.
  for (const name of readdirSync(dir)) chmodSync(join(dir, name), 0o600)
  const database = store === 'postgres' ? await restored(join(kept, 'postgres.sql')) : undefined
  const anchors = join(tmpdir(), `${basename(dir)}.ndjson`)
  writeFileSync(anchors, facts.heads.map((head) => `${JSON.stringify(head)}\n`).join(''))
  const moments: Moment[] = []
  return {
    async at(afterMs) {
      const offsetMs = facts.writtenAt + afterMs - Date.now()
      await database?.moveClock(offsetMs)
      const vendors = await openVendors({ offsetMs, hookStatus: 204 })
      for (const grant of facts.grants) vendors.grantAgain(grant)
      // The customer has taken this one back.
      vendors.control('globex', 'hubspot').revokeGrants()
      const installation: Installation = { dir, vendors, ...(database ? { databaseUrl: database.url } : {}) }
      const server = await start(installation)
      let ended = false
      const moment: Moment = {
        server,
        vendors,
        command: (...words) => command(installation, ...words),
        verify: () => command(installation, 'audit', 'verify', '--json', '--anchors', anchors),
        asked(tenant, system, named) {
          const { requests } = vendors.control(tenant, system).counters()
          return Object.entries(requests).reduce((sum, [name, count]) => (named.test(name) ? sum + count : sum), 0)
        },
        async end() {
          if (ended) return
          ended = true
          await server.stop()
          await vendors.close()
        },
      }
      moments.push(moment)
      return moment
    },
    async remove() {
      await Promise.allSettled(moments.map((moment) => moment.end()))
      rmSync(dir, { recursive: true })
      rmSync(anchors)
      await database?.drop()
    },
  }
}

interface MovedDatabase extends Pick<TestDatabase, 'url' | 'drop'> {
  moveClock(offsetMs: number): Promise<void>
}

/** A server refuses a database whose clock is not its own, so this database is given the clock of the day. */
async function restored(dump: string): Promise<MovedDatabase> {
  const database = await createTestDatabase()
  const name = new URL(database.url).pathname.slice(1)
  await database.run(readFileSync(dump, 'utf8'))
  // Found before the built-in function of the same name.
  await database.run(`alter database ${name} set search_path = public, pg_catalog`)
  return {
    url: database.url,
    drop: () => database.drop(),
    moveClock: async (offsetMs) =>
      void (await database.run(`create or replace function public.clock_timestamp() returns timestamptz language sql
        as $$ select pg_catalog.clock_timestamp() + interval '${Math.round(offsetMs)} milliseconds' $$`)),
  }
}
