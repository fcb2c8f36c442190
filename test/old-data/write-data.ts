/**
 * @module
 * Writes the data of a release with the code of that release, to be opened by all later ones:
 *
 *     tools/with-postgres.sh npx node --conditions=quartermaster-source test/old-data/write-data.ts <release>
 *
 * It makes `test/old-data/<release>/`:
 *
 * - `sqlite/`: a data directory; `postgres/`: the key ring and the admin token of the other store
 * - `postgres.sql`: that store as plain SQL statements
 * - `facts.json`: secrets, and what each must answer
 * - `tools.json`: what a model is shown of the three roles' tools
 *
 * Its secrets open faked vendors only. What was written stays as it is, but for `tools.json`: `--tools <release>` writes
 * that again, after a change of tools that was meant.
 */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTestDatabase } from '@quartermaster/testing'
import type { StoreFacts } from './facts.ts'
import { listRoles } from './list-roles.ts'
import { live } from './story.ts'
import { openVendors } from './vendors.ts'

/** The test opens the store as of ten minutes after it was written, and calls are counted by the day (UTC). */
const LATE_MS = 3_600_000
const DAY_MS = 86_400_000

const words = process.argv.slice(2)
const release = words.find((word) => word !== '--tools') ?? ''
if (!/^\w[\w.-]*$/.test(release)) throw new Error('Cannot write: name the release, as in write-data.ts 1.2.0')
const into = join(import.meta.dirname, release)
if (words.includes('--tools')) await writeTools(into)
else await writeRelease()

/** Beside the rest at first, so that a release is there as a whole or not at all. */
async function writeRelease(): Promise<void> {
  if (existsSync(into)) throw new Error(`Cannot write ${into}: it is there. What was written stays as it is`)
  if (Date.now() % DAY_MS > DAY_MS - LATE_MS) throw new Error('Cannot write now: less than an hour is left of the day')
  const made = mkdtempSync(join(tmpdir(), 'qm-old-data-'))
  try {
    const sqlite = await written(join(made, 'sqlite'))
    const postgres = await writtenToPostgres(join(made, 'postgres'), join(made, 'postgres.sql'))
    writeJson(join(made, 'facts.json'), { release, sqlite, postgres })
    await writeTools(made)
    cpSync(made, into, { recursive: true })
  } finally {
    rmSync(made, { recursive: true })
  }
}

async function writeTools(dir: string): Promise<void> {
  writeJson(join(dir, 'tools.json'), await listRoles())
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`)
}

async function written(dir: string, databaseUrl?: string): Promise<StoreFacts> {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  // The webhook receiver is out of order, so that a notification waits to be sent again.
  const vendors = await openVendors({ offsetMs: 0, hookStatus: 503 })
  try {
    return await live({ dir, vendors, ...(databaseUrl === undefined ? {} : { databaseUrl }) })
  } finally {
    await vendors.close()
  }
}

async function writtenToPostgres(dir: string, dump: string): Promise<StoreFacts> {
  const database = await createTestDatabase()
  try {
    const facts = await written(dir, database.url)
    const options = ['--no-owner', '--no-privileges', '--inserts', database.url]
    const { stdout } = await promisify(execFile)('pg_dump', options, { maxBuffer: 64 * 1024 * 1024 })
    writeFileSync(dump, portable(stdout))
    return facts
  } finally {
    await database.drop()
  }
}

/** Without what only this version of psql or the server understands: its own commands, and settings. */
function portable(dump: string): string {
  return dump.replace(/^(\\(un)?restrict .*|SET .*;|SELECT pg_catalog\.set_config\('search_path'.*)\n/gm, '')
}
