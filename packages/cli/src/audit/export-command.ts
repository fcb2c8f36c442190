/**
 * @module
 * `quartermaster audit export`: every line as JSON, and at the end the heads that the lines lead to. That it was exported
 * is in the audit before the first line is out.
 */
import { once } from 'node:events'
import { auditChain, auditKeys, auditLog, eventRecorder, refusals, shownEntry, shownHead } from '@quartermaster/server'
import type { Command } from 'commander'
import { type InstallationOptions, installationCommand, withInstallation } from './open-installation.ts'
import { progress } from './progress.ts'

interface ExportOptions extends InstallationOptions {
  readonly tenant?: string
}

const PAGE = 1_000

export function exportCommand(): Command {
  return installationCommand('export', 'Print the whole audit as JSON lines, with its heads at the end')
    .option('--tenant <name>', 'only this tenant')
    .action((options: ExportOptions) =>
      withInstallation(options, async ({ store, ring }) => {
        const chain = auditChain({ store: store.audit, keys: auditKeys(store.audit, ring), now: Date.now })
        const log = auditLog(chain.write)
        const events = eventRecorder({ log, refusals: refusals(log, Date.now), now: Date.now })
        await events.note({ event: 'audit.exported', tenant: options.tenant, actor: 'operator' })
        const heads = await store.audit.heads(options.tenant)
        const ends = new Map(heads.map(({ tenant, seq }) => [tenant, seq]))
        const shown = progress('exported')
        for (let after = 0; ; ) {
          const page = await store.audit.read(options.tenant, after, PAGE)
          if (page.length === 0) break
          after = page.at(-1)?.seq ?? after
          // Rows that came after the heads were read belong to the next export.
          const lines = page.filter(({ tenant, tenantSeq }) => (tenantSeq ?? 0) <= (ends.get(tenant) ?? 0))
          const text = lines.map((entry) => `${JSON.stringify(shownEntry(entry))}\n`).join('')
          if (!process.stdout.write(text)) await once(process.stdout, 'drain')
          shown.add(page.length)
        }
        for (const head of heads) process.stdout.write(`${JSON.stringify({ head: shownHead(head) })}\n`)
        shown.end()
      }),
    )
}
