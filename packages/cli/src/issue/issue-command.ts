/**
 * @module
 * `quartermaster issue`: a tool URL for one role over one connected account.
 */
import { type PolicyName, policyNames } from '@quartermaster/protocol'
import { adminClient, roles, toolset } from '@quartermaster/toolsets'
import { Command, Option } from 'commander'
import pc from 'picocolors'
import { type AdminConnection, withAdminOptions } from '../admin-connection.ts'
import { readDuration } from '../read-duration.ts'

type RoleName = keyof typeof roles

interface IssueOptions extends AdminConnection {
  readonly role?: RoleName
  readonly methods?: string[]
  readonly tags?: string[]
  readonly pii?: PolicyName
  readonly resolvePseudonyms?: boolean
  readonly name?: string
  readonly expires?: number
  readonly urlOnly?: boolean
  readonly json?: boolean
}

export function issueCommand(): Command {
  const command = new Command('issue')
    .description('Issue a tool URL: which tools an agent sees on one account, and which data')
    .argument('<account>', 'the integrated account, acc_…')
    .addOption(new Option('--role <name>', 'start from a role').choices(Object.keys(roles)))
    .option('--methods <words...>', 'read, write, list, get, search, create, update, delete')
    .option('--tags <words...>', 'crm, contacts, accounts, opportunities, pipelines, stages, users, …')
    .addOption(new Option('--pii <policy>', 'personal data in answers').choices(policyNames))
    .option('--resolve-pseudonyms', 'pseudonyms in arguments become what they stand for, inside the server')
    .option('--name <text>', 'what the URL is called in lists and in the audit')
    .option('--expires <duration>', 'such as 30m, 12h, 90d', readDuration)
    .option('--url-only', 'the URL alone is enough to call: no API token. DANGEROUS where URLs are logged', false)
    .option('--json', 'print one JSON line', false)
    .addHelpText(
      'after',
      `
  $ quartermaster issue acc_… --role analytics --expires 12h
  $ quartermaster issue acc_… --methods read --tags crm --pii mask
The URL is shown once. Unless --url-only is given, a caller also sends Authorization: Bearer <runtime token>.`,
    )
  return withAdminOptions(command).action(issue)
}

async function issue(account: string, options: IssueOptions): Promise<void> {
  let chosen = options.role ? roles[options.role] : toolset(options.name ?? 'agent')
  if (options.methods) chosen = chosen.methods(...options.methods)
  if (options.tags) chosen = chosen.tags(...options.tags)
  if (options.pii) chosen = chosen.pii(options.pii)
  if (options.resolvePseudonyms) chosen = chosen.resolvingPseudonyms()
  const issued = await chosen.issue(adminClient({ baseUrl: options.server, token: options.token }), {
    account,
    requireApiToken: options.urlOnly !== true,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.expires === undefined ? {} : { expiresInS: options.expires }),
  })
  if (options.json) {
    console.log(JSON.stringify(issued))
    return
  }
  const { methods, tags, pii, require_api_token_auth } = issued.config
  console.log(`${pc.bold(issued.url)}\n`)
  console.log(`  ${issued.name} ${pc.dim(`(${issued.id})`)}, works until ${issued.expires_at}`)
  console.log(`  methods ${methods.join(', ')} · tags ${tags?.join(', ') ?? 'all'} · personal data: ${pii}`)
  console.log(
    require_api_token_auth
      ? `  callers also send an API token with the scope runtime: ${pc.dim('quartermaster tokens create')}`
      : `  ${pc.yellow('whoever has this URL can call it')}`,
  )
}
