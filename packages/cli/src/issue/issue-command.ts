/**
 * @module
 * `quartermaster issue`: a tool URL for one role, over one connected account or several of a tenant.
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
  readonly resources?: string[]
  readonly pii?: PolicyName
  readonly resolvePseudonyms?: boolean
  readonly name?: string
  readonly expires?: number
  readonly maxTools?: number
  readonly maxTokens?: number
  readonly trim?: boolean
  readonly urlOnly?: boolean
  readonly json?: boolean
}

export function issueCommand(): Command {
  const command = new Command('issue')
    .description('Issue a tool URL: which tools an agent sees, on which accounts, and which data')
    .argument('<accounts...>', 'integrated accounts of one tenant, acc_…')
    .addOption(new Option('--role <name>', 'start from a role').choices(Object.keys(roles)))
    .option('--methods <words...>', 'read, write, list, get, search, create, update, delete')
    .option('--tags <words...>', 'crm, contacts, accounts, opportunities, pipelines, stages, users, …')
    .option('--resources <words...>', 'contact, account, opportunity, pipeline, stage, ticket, lead, task, note, user')
    .addOption(new Option('--pii <policy>', 'personal data in answers').choices(policyNames))
    .option('--resolve-pseudonyms', 'pseudonyms in arguments become what they stand for, inside the server')
    .option('--name <text>', 'what the URL is called in lists and in the audit')
    .option('--expires <duration>', 'such as 30m, 12h, 90d', readDuration)
    .option('--max-tools <count>', 'at most so many tools; more than 60 only when this says so', Number)
    .option('--max-tokens <count>', 'what the tools may cost a model on every turn (o200k)', Number)
    .option('--trim', 'leave out the last tools when they are over a budget, instead of refusing', false)
    .option('--url-only', 'the URL alone is enough to call: no API token. DANGEROUS where URLs are logged', false)
    .option('--json', 'print one JSON line', false)
    .addHelpText(
      'after',
      `
  $ quartermaster issue acc_… --role analytics --expires 12h
  $ quartermaster issue acc_… --methods read --tags crm --pii mask --max-tokens 1000
  $ quartermaster issue acc_… acc_… --role sales          one URL over two accounts
The URL is shown once. Unless --url-only is given, a caller also sends Authorization: Bearer <runtime token>.`,
    )
  return withAdminOptions(command).action(issue)
}

async function issue(accounts: readonly string[], options: IssueOptions): Promise<void> {
  let chosen = options.role ? roles[options.role] : toolset(options.name ?? 'agent')
  if (options.methods) chosen = chosen.methods(...options.methods)
  if (options.tags) chosen = chosen.tags(...options.tags)
  if (options.resources) chosen = chosen.resources(...options.resources)
  if (options.pii) chosen = chosen.pii(options.pii)
  if (options.resolvePseudonyms) chosen = chosen.resolvingPseudonyms()
  if (options.maxTools !== undefined) chosen = chosen.maxTools(options.maxTools)
  const over = options.trim ? ({ over: 'trim' } as const) : {}
  if (options.maxTokens !== undefined) chosen = chosen.maxTokens(options.maxTokens, over)
  const [only = '', ...others] = accounts
  const issued = await chosen.issue(adminClient({ baseUrl: options.server, token: options.token }), {
    account: others.length > 0 ? accounts : only,
    requireApiToken: options.urlOnly !== true,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.expires === undefined ? {} : { expiresInS: options.expires }),
  })
  if (options.json) {
    console.log(JSON.stringify(issued))
    return
  }
  const { methods, tags, resources, pii, require_api_token_auth } = issued.config
  console.log(`${pc.bold(issued.url)}\n`)
  console.log(`  ${issued.name} ${pc.dim(`(${issued.id})`)}, works until ${issued.expires_at}`)
  console.log(
    `  methods ${methods.join(', ')} · tags ${tags?.join(', ') ?? 'all'} · resources ${resources?.join(', ') ?? 'all'} · personal data: ${pii}`,
  )
  console.log(
    require_api_token_auth
      ? `  callers also send an API token with the scope runtime: ${pc.dim('quartermaster tokens create')}`
      : `  ${pc.yellow('whoever has this URL can call it')}`,
  )
}
