/**
 * @module
 * `quartermaster tokens`: API tokens are made, listed, rotated and revoked.
 */
import { newApiToken } from '@quartermaster/server'
import { Command } from 'commander'
import pc from 'picocolors'
import { type AdminConnection, adminRequest, withAdminOptions } from '../admin-connection.ts'
import { plainTable } from '../plain-table.ts'
import { readOverlap } from '../read-duration.ts'

interface ListedToken {
  readonly id: string
  readonly tenant: string | null
  readonly name: string
  readonly scopes: readonly string[]
  readonly created_at: string
  readonly revoked_at: string | null
}

interface RotatedToken extends ListedToken {
  readonly token: string
  readonly old_token_until: string | null
}

export function tokensCommand(): Command {
  const tokens = new Command('tokens').description('Make, list, rotate and revoke API tokens')

  const create = new Command('create')
    .description('Make a token for one tenant; it is shown once')
    .argument('<name>', 'what the token is for')
    .requiredOption('--tenant <name>', 'whose accounts it may touch')
    .option('--scopes <words...>', 'admin, runtime, audit', ['runtime'])
    .action(async (name: string, options: AdminConnection & { tenant: string; scopes: string[] }) => {
      const body = { tenant: options.tenant, name, scopes: options.scopes }
      const made = (await adminRequest(options, 'POST', '/api-token', body)) as ListedToken & { token: string }
      console.log(
        `${pc.bold(made.token)}\n\n  ${made.name} ${pc.dim(`(${made.id})`)} for ${options.tenant}: ${made.scopes.join(', ')}`,
      )
    })

  const list = new Command('list')
    .description('Show tokens, without their secrets')
    .action(async (options: AdminConnection) => {
      const { result } = (await adminRequest(options, 'GET', '/api-token')) as { result: readonly ListedToken[] }
      const rows = result.map(({ id, tenant, name, scopes, created_at, revoked_at }) => {
        const state = revoked_at === null ? 'active' : 'revoked'
        return [id, tenant ?? '(all)', name, scopes.join(' '), created_at.slice(0, 10), state]
      })
      console.log(plainTable(['id', 'tenant', 'name', 'scopes', 'made', 'state'], rows))
    })

  const revoke = new Command('revoke')
    .description('Make a token stop working, now')
    .argument('<id>', 'tok_…')
    .action(async (id: string, options: AdminConnection) => {
      await adminRequest(options, 'DELETE', `/api-token/${encodeURIComponent(id)}`)
      console.log(`${id} is revoked`)
    })

  const rotate = new Command('rotate')
    .description('Give a token a new secret, shown once; the old one works on for a while')
    .argument('<id>', 'tok_…')
    .option(
      '--overlap <duration>',
      'how long the old secret still works; 0s ends it now (24h, 7d at most)',
      readOverlap,
    )
    .action(async (id: string, options: AdminConnection & { overlap?: number }) => {
      const body = options.overlap === undefined ? {} : { overlap_s: options.overlap }
      const path = `/api-token/${encodeURIComponent(id)}/rotate`
      const made = (await adminRequest(options, 'POST', path, body)) as RotatedToken
      const old = made.old_token_until === null ? 'has stopped' : `works until ${made.old_token_until}`
      console.log(`${pc.bold(made.token)}\n\n  ${made.name} ${pc.dim(`(${made.id})`)}, the old secret ${old}`)
    })

  const generate = new Command('generate')
    .description('Print a new admin token for QUARTERMASTER_ADMIN_TOKEN; it is registered when a server starts with it')
    .action(() => console.log(newApiToken()))

  return tokens
    .addCommand(withAdminOptions(create))
    .addCommand(withAdminOptions(list))
    .addCommand(withAdminOptions(rotate))
    .addCommand(withAdminOptions(revoke))
    .addCommand(generate)
}
