/**
 * @module
 * `quartermaster audit head`: the signed end of each chain, one JSON line each, to be kept where the server cannot write.
 */
import { shownHead } from '@quartermaster/server'
import type { Command } from 'commander'
import { type InstallationOptions, installationCommand, withInstallation } from './open-installation.ts'

export function headCommand(): Command {
  return installationCommand('head', 'Print where each chain ends, one JSON line a tenant, to be kept elsewhere')
    .option('--tenant <name>', 'only this tenant')
    .action((options: InstallationOptions & { readonly tenant?: string }) =>
      withInstallation(options, async ({ store }) => {
        for (const head of await store.audit.heads(options.tenant))
          console.log(JSON.stringify({ head: shownHead(head) }))
      }),
    )
}
