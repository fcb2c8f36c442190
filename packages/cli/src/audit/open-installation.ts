/**
 * @module
 * What the audit commands work on: the store of an installation and the keys that its chains are sealed with. Neither is
 * ever made here.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type KeyRing, openPostgresStore, openStore, parseKeyRing, type Store } from '@quartermaster/server'
import { Command } from 'commander'
import { readKeyFile } from '../installation/key-file.ts'
import { databaseUrlOption } from '../serve/database-url-option.ts'

export interface InstallationOptions {
  readonly data?: string
  readonly databaseUrl?: string
}

export interface Installation {
  readonly store: Store
  readonly ring: KeyRing
}

export function installationCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--data <directory>', 'the data directory of the server')
    .addOption(databaseUrlOption('the database of the server, when it is not in the directory'))
}

/** @throws Error that says what is missing. */
export async function withInstallation(
  { data, databaseUrl }: InstallationOptions,
  work: (installation: Installation) => Promise<void>,
): Promise<void> {
  const given = process.env['QUARTERMASTER_KEYS']
  if (data === undefined && databaseUrl === undefined) {
    throw new Error('Cannot open the audit: name the data directory with --data, or the database with --database-url')
  }
  if (databaseUrl === undefined && !existsSync(join(data ?? '', 'quartermaster.db'))) {
    throw new Error(`Cannot open the audit: there is no quartermaster.db in ${data}`)
  }
  if (given === undefined && (data === undefined || !existsSync(join(data, 'keys')))) {
    throw new Error(
      'Cannot open the audit: set QUARTERMASTER_KEYS, or name the directory that holds the keys with --data',
    )
  }
  const ring = parseKeyRing(given ?? readKeyFile(data ?? ''))
  const store = databaseUrl === undefined ? await openStore(data) : await openPostgresStore(databaseUrl)
  try {
    await work({ store, ring })
  } finally {
    await store.close()
  }
}
