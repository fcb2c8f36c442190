/**
 * @module
 * `quartermaster audit tail`: the newest lines, and with `-f` those that come.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type StoredEntry, shownEntry } from '@quartermaster/server'
import { type Command, InvalidArgumentError } from 'commander'
import { type InstallationOptions, installationCommand, withInstallation } from './open-installation.ts'

interface TailOptions extends InstallationOptions {
  readonly tenant?: string
  readonly lines: number
  readonly follow?: boolean
  readonly json?: boolean
}

const LOOK_MS = 500
const PAGE = 500

export function tailCommand(): Command {
  return installationCommand('tail', 'Show the newest lines of the audit')
    .option('--tenant <name>', 'only this tenant')
    .option('-n, --lines <number>', 'how many lines to begin with', readCount, 20)
    .option('-f, --follow', 'go on until interrupted')
    .option('--json', 'one JSON object a line')
    .action((options: TailOptions) =>
      withInstallation(options, async ({ store }) => {
        const show = (entry: StoredEntry) =>
          console.log(options.json ? JSON.stringify(shownEntry(entry)) : lineOf(entry))
        let after = 0
        let newest: readonly StoredEntry[] = []
        for (;;) {
          const page = await store.audit.read(options.tenant, after, PAGE)
          if (page.length === 0) break
          after = page.at(-1)?.seq ?? after
          newest = [...newest, ...page].slice(-options.lines)
        }
        for (const entry of newest) show(entry)
        while (options.follow) {
          const page = await store.audit.read(options.tenant, after, PAGE)
          for (const entry of page) show(entry)
          after = page.at(-1)?.seq ?? after
          if (page.length === 0) await delay(LOOK_MS)
        }
      }),
    )
}

function lineOf(entry: StoredEntry): string {
  const about = [entry.accountId, entry.serverId, entry.subject].filter((id) => id !== '').join(' ')
  const times = entry.times > 1 ? ` ×${entry.times}` : ''
  const end = entry.phase === 'intent' ? 'intent' : `${entry.outcome} ${entry.ms} ms`
  return [
    new Date(entry.at).toISOString(),
    `${entry.tenant}#${entry.tenantSeq ?? '-'}`,
    entry.actor,
    entry.tool,
    end + times,
    about,
  ]
    .filter((part) => part !== '')
    .join('  ')
}

function readCount(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 10_000) throw new InvalidArgumentError('It is 1 to 10000.')
  return value
}
