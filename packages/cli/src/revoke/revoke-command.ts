/**
 * @module
 * `quartermaster revoke`: everything that a tenant has handed out stops working, after one question.
 */
import { createInterface } from 'node:readline/promises'
import { Command, Option } from 'commander'
import { type AdminConnection, adminRequest, withAdminOptions } from '../admin-connection.ts'

interface RevokeOptions extends AdminConnection {
  readonly tenant: string
  readonly what: 'urls' | 'tokens' | 'all'
  readonly disconnectAccounts: boolean
  readonly yes: boolean
  readonly json: boolean
}

interface Answer {
  readonly revoked: { readonly urls: number; readonly api_tokens: number }
  readonly disconnected: { readonly accounts: number; readonly connect_links: number }
}

export function revokeCommand(): Command {
  const command = new Command('revoke')
    .description("Revoke a tenant's tool URLs and API tokens, all at once; for a leak, or a tenant that leaves")
    .requiredOption('--tenant <name>', 'whose')
    .addOption(new Option('--what <what>', 'what stops working').choices(['urls', 'tokens', 'all']).default('all'))
    .option('--disconnect-accounts', 'remove the accounts as well; their users must connect again', false)
    .option('--yes', 'do not ask', false)
    .option('--json', 'print one JSON line', false)
    .addHelpText(
      'after',
      `
  $ quartermaster revoke --tenant acme                          every URL and API token of acme
  $ quartermaster revoke --tenant acme --what urls --yes        for a script
  $ quartermaster revoke --tenant acme --disconnect-accounts    and nothing of acme is left to steal
It cannot be undone, and holds in every process within a second. Operators' tokens are not a tenant's and stay.
One URL or token is revoked with "servers revoke" or "tokens revoke".`,
    )
  return withAdminOptions(command).action(revoke)
}

async function revoke(options: RevokeOptions): Promise<void> {
  const { tenant, what, disconnectAccounts } = options
  if (!options.yes) await confirm(tenant)
  const body = { what, disconnect_accounts: disconnectAccounts }
  const path = `/tenant/${encodeURIComponent(tenant)}/revoke`
  const answer = (await adminRequest(options, 'POST', path, body)) as Answer
  if (options.json) return console.log(JSON.stringify(answer))
  const { revoked, disconnected } = answer
  console.log(`${tenant}: ${revoked.urls} URLs and ${revoked.api_tokens} API tokens are revoked`)
  if (!disconnectAccounts) return
  console.log(
    `${disconnected.accounts} accounts are removed and ${disconnected.connect_links} connect links ended; their systems are being told`,
  )
}

/** @throws Error when there is nobody to ask, or the answer is not the tenant's name. */
async function confirm(tenant: string): Promise<void> {
  if (!process.stdin.isTTY) throw new Error('Cannot revoke without a confirmation: say --yes')
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  const typed = await asking.question(`This cannot be undone. Type the tenant's name to go on: `)
  asking.close()
  if (typed.trim() !== tenant) throw new Error('Cannot revoke: that is not the name. Nothing was done')
}
