/**
 * @module
 * `quartermaster connect`: a link with which one person connects one account. It opens nothing.
 */
import { Command } from 'commander'
import pc from 'picocolors'
import { type AdminConnection, adminRequest, withAdminOptions } from '../admin-connection.ts'

interface ConnectOptions extends AdminConnection {
  readonly tenant: string
  readonly account?: string
  readonly scopes?: string[]
  readonly label?: string
  readonly returnUrl?: string
  readonly json?: boolean
}

interface MadeSession {
  readonly id: string
  readonly url: string
  readonly scopes: readonly string[]
  readonly expires_at: string
}

export function connectCommand(): Command {
  const command = new Command('connect')
    .description('Make a link with which a customer connects an account')
    .argument('<system>', 'the system, such as a folder name of the catalog')
    .requiredOption('--tenant <name>', 'for whom the account is')
    .option('--account <id>', 'connect this account again instead of making a new one')
    .option('--scopes <words...>', 'optional scopes to ask for as well')
    .option('--label <text>', 'what the account is called in lists')
    .option('--return-url <url>', 'where the page leads back to; its origin must be registered with the server')
    .option('--json', 'print one JSON line', false)
    .addHelpText(
      'after',
      `
The link works once, in one browser, for an hour. Give it to the person who may connect the account.`,
    )
  return withAdminOptions(command).action(makeLink)
}

async function makeLink(system: string, options: ConnectOptions): Promise<void> {
  const { tenant, account, scopes, label, returnUrl } = options
  const body = { tenant, system, account, scopes, label, return_url: returnUrl }
  const made = (await adminRequest(options, 'POST', '/connect-session', body)) as MadeSession
  if (options.json) {
    console.log(JSON.stringify(made))
    return
  }
  console.log(`${pc.bold(made.url)}\n`)
  console.log(`  for ${tenant} ${pc.dim(`(${made.id})`)}, opens until ${made.expires_at}`)
  console.log(`  asks for: ${made.scopes.join(', ')}`)
}
