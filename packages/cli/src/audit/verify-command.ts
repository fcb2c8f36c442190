/**
 * @module
 * `quartermaster audit verify`: checks every chain and says, per tenant, how many rows are sound and which is the first
 * that is not. Exits with 1 when there is one.
 */
import { readFileSync } from 'node:fs'
import { type ChainFault, verifyAudit } from '@quartermaster/server'
import type { Command } from 'commander'
import { z } from 'zod'
import { plainTable } from '../plain-table.ts'
import { type InstallationOptions, installationCommand, withInstallation } from './open-installation.ts'
import { progress } from './progress.ts'

interface VerifyCommandOptions extends InstallationOptions {
  readonly tenant?: string
  readonly anchors?: string
  readonly json?: boolean
}

const anchor = z.object({ head: z.object({ tenant: z.string(), seq: z.number().int(), hash: z.string() }) })

const words: Readonly<Record<ChainFault, string>> = {
  edited: 'a column is not what was written',
  deleted: 'the row is gone',
  reordered: 'the row stands somewhere else',
  truncated: 'the row and all after it are gone',
  inserted: 'no server wrote this row',
  head_changed: 'the signed end of the chain was changed or is gone',
  foreign_key: 'written with another key, or the key of this tenant is gone',
  broken_before: 'a server found the chain changed before it wrote this row',
  not_as_anchored: 'not what the anchor says',
}

export function verifyCommand(): Command {
  return installationCommand('verify', 'Check every chain; exits with 1 when something was changed')
    .option('--tenant <name>', 'only this tenant')
    .option('--anchors <file>', 'heads that "audit head" printed earlier and that were kept elsewhere')
    .option('--json', 'print one JSON object')
    .action((options: VerifyCommandOptions) =>
      withInstallation(options, async ({ store, ring }) => {
        const shown = progress('checked')
        const result = await verifyAudit(store.audit, ring, {
          ...(options.tenant === undefined ? {} : { tenant: options.tenant }),
          ...(options.anchors === undefined ? {} : { anchors: readAnchors(options.anchors) }),
          onRow: () => shown.add(1),
        })
        shown.end()
        if (!result.sound) process.exitCode = 1
        if (options.json) return console.log(JSON.stringify(result))
        const rows = result.tenants.map(({ tenant, rows: count, bad, openIntents }) => [
          tenant,
          count,
          openIntents,
          bad ? `row ${bad.tenantSeq}: ${bad.why}, ${words[bad.why]}` : 'whole',
        ])
        console.log(
          plainTable(['tenant', 'sound rows', 'open intents', 'chain'], rows, { align: ['left', 'right', 'right'] }),
        )
        const { unchained, unchainedAtBegin } = result
        if (unchained > 0) console.log(`${unchained} rows are older than the chains; nothing protects them`)
        if (unchained !== unchainedAtBegin) {
          console.log(
            `Rows without a chain: there were ${unchainedAtBegin} when the chains began, now there are ${unchained}`,
          )
        }
        console.log(result.sound ? 'Nothing was changed' : 'THE AUDIT WAS CHANGED')
      }),
    )
}

/** @throws Error that names the first line which is no head. */
function readAnchors(path: string) {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.flatMap((line, index) => {
    // An export holds rows too; its heads are the anchors.
    if (line.trim() === '' || !line.startsWith('{"head":')) return []
    try {
      return [anchor.parse(JSON.parse(line)).head]
    } catch (cause) {
      throw new Error(`Cannot read the anchors: line ${index + 1} of ${path} is not a head`, { cause })
    }
  })
}
