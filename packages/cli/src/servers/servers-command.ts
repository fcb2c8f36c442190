/**
 * @module
 * `quartermaster servers`: the tool URLs of an account are listed, changed, rotated and revoked.
 */
import { Command } from 'commander'
import pc from 'picocolors'
import { type AdminConnection, adminRequest, withAdminOptions } from '../admin-connection.ts'
import { plainTable } from '../plain-table.ts'
import { readOverlap } from '../read-duration.ts'

interface ListedServer {
  readonly id: string
  readonly name: string
  readonly config: { readonly methods: readonly string[]; readonly pii: string }
  readonly expires_at: string
  readonly revoked_at: string | null
  readonly old_url_until: string | null
}

interface RotateOptions extends AdminConnection {
  readonly overlap?: number
  readonly urlOnly?: boolean
}

export function serversCommand(): Command {
  const list = new Command('list')
    .description('Show the URLs of an account, without their secrets')
    .argument('<account>', 'the integrated account, acc_…')
    .action(async (account: string, options: AdminConnection) => {
      const path = `/integrated-account/${encodeURIComponent(account)}/mcp`
      const { result } = (await adminRequest(options, 'GET', path)) as { result: readonly ListedServer[] }
      const rows = result.map((one) => [
        one.id,
        one.name,
        one.config.methods.join(' '),
        one.config.pii,
        one.expires_at.slice(0, 16),
        stateOf(one),
      ])
      console.log(plainTable(['id', 'name', 'methods', 'pii', 'expires', 'state'], rows))
    })

  const rotate = new Command('rotate')
    .description('Give a URL a new secret; the old one works on for a while')
    .argument('<id>', 'mcp_…')
    .option(
      '--overlap <duration>',
      'how long the old URL still works, such as 1h; 0s ends it now (24h, 7d at most)',
      readOverlap,
    )
    .option('--url-only', 'print nothing but the new URL', false)
    .addHelpText(
      'after',
      `
  $ quartermaster servers rotate mcp_…                   then put the new URL wherever the old one is
  $ quartermaster servers rotate mcp_… --overlap 0s      for a URL that has leaked
The new URL has the same tools and data and ends when the old one would have. Rotating again within the overlap stops
the oldest URL at once: there are never more than two.`,
    )
    .action(async (id: string, options: RotateOptions) => {
      const body = options.overlap === undefined ? {} : { overlap_s: options.overlap }
      const path = `/mcp-server/${encodeURIComponent(id)}/rotate`
      const made = (await adminRequest(options, 'POST', path, body)) as ListedServer & { url: string }
      if (options.urlOnly) return console.log(made.url)
      console.log(`${pc.bold(made.url)}\n`)
      console.log(`  ${made.name} ${pc.dim(`(${made.id})`)}, works until ${made.expires_at}`)
      console.log(`  the old URL ${made.old_url_until === null ? 'has stopped' : `works until ${made.old_url_until}`}`)
    })

  const change = new Command('change')
    .description('Rename a URL, or make it end earlier; its tools and data stay as they were issued')
    .argument('<id>', 'mcp_…')
    .option('--name <text>', 'what the URL is called in lists and in the audit')
    .option('--ends <time>', 'an earlier end, such as 2027-01-31T12:00:00Z')
    .action(async (id: string, options: AdminConnection & { name?: string; ends?: string }) => {
      const body = { name: options.name, expires_at: options.ends }
      const changed = (await adminRequest(
        options,
        'PATCH',
        `/mcp-server/${encodeURIComponent(id)}`,
        body,
      )) as ListedServer
      console.log(`${changed.name} (${changed.id}) works until ${changed.expires_at}`)
    })

  const revoke = new Command('revoke')
    .description('Make a URL stop working, now, and the one it has replaced')
    .argument('<id>', 'mcp_…')
    .action(async (id: string, options: AdminConnection) => {
      await adminRequest(options, 'DELETE', `/mcp-server/${encodeURIComponent(id)}`)
      console.log(`${id} is revoked`)
    })

  return [list, rotate, change, revoke].reduce(
    (servers, command) => servers.addCommand(withAdminOptions(command)),
    new Command('servers').description('List, change, rotate and revoke tool URLs'),
  )
}

function stateOf({ revoked_at, expires_at, old_url_until }: ListedServer): string {
  if (revoked_at !== null) return 'revoked'
  if (Date.parse(expires_at) <= Date.now()) return 'expired'
  return old_url_until === null ? 'active' : `active, the old URL until ${old_url_until.slice(0, 16)}`
}
