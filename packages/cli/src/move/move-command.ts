/**
 * @module
 * `quartermaster move`: takes what is in a data directory to a PostgreSQL database, and says what it did.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { moveStore, parseKeyRing } from '@quartermaster/server'
import Table from 'cli-table3'
import { Command } from 'commander'
import { secretFile } from '../installation/secret-file.ts'
import { databaseUrlOption } from '../serve/database-url-option.ts'

interface MoveOptions {
  readonly data: string
  readonly to: string
}

export function moveCommand(): Command {
  return new Command('move')
    .description('Move a data directory to an empty PostgreSQL database')
    .requiredOption('--data <directory>', 'the data directory to move; no server may be using it')
    .addOption(databaseUrlOption('an empty database', '--to <postgres://…>').makeOptionMandatory())
    .addHelpText(
      'after',
      `
Everything is copied in one transaction, read back and compared, and every grant is opened with the key ring (from
QUARTERMASTER_KEYS or the data directory) before anything counts. When it fails, both sides are as they were. When it
succeeds, the directory says so and is not served any more: a refresh token must live in one place only.`,
    )
    .action(move)
}

async function move({ data, to }: MoveOptions): Promise<void> {
  const ring = parseKeyRing(process.env['QUARTERMASTER_KEYS'] ?? keysIn(data))
  const moved = await moveStore({ dataDir: data, databaseUrl: to, ring })
  const table = new Table({ head: ['table', 'rows'], colAligns: ['left', 'right'] })
  for (const { name, rows } of moved.tables) table.push([name, rows])
  console.log(table.toString())
  const closed = moved.grantsClosed === 0 ? '' : `, ${moved.grantsClosed} were quarantined before and still are`
  console.log(`Moved to ${moved.to}: every row read back and compared, ${moved.grantsOpened} grants opened${closed}.

Serve it, on as many hosts as you like, with the same keys and admin token on each:
  QUARTERMASTER_DATABASE_URL=postgres://… quartermaster serve --data ${data}
(--data now holds only the files keys and admin-token; QUARTERMASTER_KEYS and QUARTERMASTER_ADMIN_TOKEN do as well.)`)
}

/** Unlike a server, a move never makes keys: new ones would open nothing. */
function keysIn(dataDir: string): string {
  const path = join(dataDir, 'keys')
  if (!existsSync(path)) throw new Error(`Cannot move: there is no ${path}, and QUARTERMASTER_KEYS is not set`)
  return secretFile(dataDir, 'keys', () => '')
}
