/**
 * @module
 * URLs of every kind that there is, what they answered, and those that no longer open.
 */
import type { KnownCall, KnownRefusal, StoreFacts } from './facts.ts'
import type { Running, ToolCall } from './installation.ts'

export interface UrlsOver {
  readonly tokens: StoreFacts['tokens']
  readonly accounts: Readonly<Record<'hubspot' | 'salesforce' | 'other', string>>
}

interface Issued {
  readonly id: string
  readonly token: string
}

/** The longest that a URL may live. */
export const YEAR_S = 31_536_000
/** The longest that an old secret works beside its successor. */
export const WEEK_S = 604_800
const CONTACTS = 'list_all_hub_spot_contacts'
const ONE = { limit: '1' } as const

export async function makeUrls(server: Running, { tokens, accounts }: UrlsOver) {
  const { hubspot, salesforce, other } = accounts
  const bearer = tokens.runtime
  const make = async (path: string, body: object): Promise<Issued> =>
    (await server.ask('POST', path, body)) as unknown as Issued
  const issue = (account: string, name: string, config: object = {}) =>
    make(`/integrated-account/${account}/mcp`, { name, config: { expires_in_s: YEAR_S, ...config } })
  const narrow = async ({ token }: Issued, name: string, config: object = {}): Promise<Issued> => {
    const body = { name, config: { expires_in_s: YEAR_S, ...config } }
    const response = await server.api('POST', `/mcp/${token}/narrow`, body, bearer)
    if (response.status !== 201) throw new Error(`Cannot narrow: ${response.status} ${await response.text()}`)
    return (await response.json()) as Issued
  }
  const revoke = ({ id }: Issued) => server.ask('DELETE', `/mcp-server/${id}`)

  const plain = await issue(hubspot, 'plain')
  const open = await issue(hubspot, 'without an API token', { require_api_token_auth: false })
  const pseudonym = await issue(hubspot, 'pseudonyms', { pii: 'pseudonym' })
  const daily = await issue(hubspot, 'one call a day', { max_calls_per_day: 1 })
  const foreign = await issue(other, 'of another tenant')
  const body = {
    account_ids: [hubspot, salesforce],
    config: { expires_in_s: YEAR_S, max_tools: 100 },
    name: 'over two accounts',
  }
  const shared = await make('/mcp-server', body)
  const parent = await issue(salesforce, 'to derive from', { methods: ['read', 'write'] })
  const child = await narrow(parent, 'derived', { methods: ['read'], pii: 'mask' })
  const ended = await narrow(parent, 'derived and revoked')
  const revoked = await issue(hubspot, 'revoked')
  const replaced = await issue(hubspot, 'rotated')
  const rotated = await make(`/mcp-server/${replaced.id}/rotate`, { overlap_s: WEEK_S })
  await revoke(ended)
  await revoke(revoked)

  const calls: KnownCall[] = []
  const known = async (about: string, call: ToolCall) =>
    void calls.push({ about, ...call, ...(await answerTo(server, call)) })
  const list = (at: Issued, more: Partial<ToolCall> = {}): ToolCall => ({
    ...{ token: at.token, bearer, tool: CONTACTS, args: ONE },
    ...more,
  })
  await known('a plain URL', list(plain))
  await known('a plain URL with a replaced API token', list(plain, { bearer: tokens.replaced }))
  await known('a plain URL with the API token that replaced it', list(plain, { bearer: tokens.rotated }))
  await known('a tool that the URL does not have', list(plain, { tool: 'create_a_hub_spot_contact', args: {} }))
  await known('a URL that needs no API token', { token: open.token, tool: CONTACTS, args: ONE })
  await known('a URL over two accounts, the first', list(shared))
  await known('a URL over two accounts, the second', list(shared, { tool: 'list_all_salesforce_accounts' }))
  await known('a URL that shows pseudonyms', list(pseudonym))
  await known('a derived URL', list(child, { tool: 'list_all_salesforce_contacts' }))
  await known('a replaced URL', list(replaced))
  await known('the URL that replaced it', list(rotated))
  await known('a URL of another tenant', list(foreign, { tool: 'list_all_salesforce_contacts', bearer: tokens.other }))
  await answerTo(server, list(daily))
  await known('a URL whose calls of the day are used up', list(daily))

  const refusals: KnownRefusal[] = []
  const refused = async (about: string, { token }: Issued, by: string) => {
    const { status } = await server.rpc(token, by, 'tools/list')
    if (status !== 401 && status !== 403) throw new Error(`Cannot go on: ${about} was answered with ${status}`)
    refusals.push({ about, token, bearer: by, status })
  }
  await refused('a revoked URL', revoked, bearer)
  await refused('a derived URL that was revoked', ended, bearer)
  await refused('a revoked API token', plain, tokens.revoked)
  await refused("another tenant's API token", plain, tokens.other)
  await refused('an API token without the scope', plain, tokens.audit)

  const page = await server.call(list(plain))
  const next = list(plain, { args: { ...ONE, next_cursor: page['next_cursor'] } })
  const cursor: KnownCall = { about: 'the second page', ...next, ...(await answerTo(server, next)) }
  return { calls, refusals, cursor, derived: { parentId: parent.id, id: child.id, token: child.token } }
}

/** What must never change: of a refusal its code, of a page its records. The words around them may. */
async function answerTo(server: Running, call: ToolCall): Promise<Pick<KnownCall, 'answer'>> {
  const { error, result } = await server.call(call)
  if (error === undefined) return { answer: { result } }
  const { code, status } = error as { readonly code: string; readonly status: number }
  return { answer: { error: { code, status } } }
}
