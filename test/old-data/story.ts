/**
 * @module
 * What happens in an installation before its data is kept: two tenants, their accounts, API tokens, URLs, writes and
 * connect links, over three keys. Everything is asked for as an operator or an agent would.
 */
import { connectAccount, makeLink } from './connect-account.ts'
import type { KnownCall, KnownGrant, StoreFacts } from './facts.ts'
import { command, type Installation, type Running, start } from './installation.ts'
import { makeUrls, WEEK_S, YEAR_S } from './story-urls.ts'
import { makeWrites } from './story-writes.ts'
import { HOOKS, type Vendors } from './vendors.ts'

const scopes: Readonly<Record<string, string>> = {
  hubspot: [
    'oauth tickets crm.objects.owners.read',
    ...['contacts', 'companies', 'deals'].flatMap((type) => [`crm.objects.${type}.read`, `crm.objects.${type}.write`]),
  ].join(' '),
  salesforce: 'api refresh_token id',
}

/** @throws Error when something is not answered as it should be. */
export async function live(installation: Installation): Promise<StoreFacts> {
  const { vendors } = installation
  const grants: KnownGrant[] = []

  let server = await start(installation)
  const bring = async (tenant: string, system: string, label: string): Promise<string> => {
    const { known, tokens } = vendors.grant(tenant, system, scopes[system] ?? '')
    grants.push(known)
    const base = vendors.baseOf(tenant, system)
    const grant = {
      access_token: tokens.accessToken,
      refresh_token: tokens.refreshToken,
      scopes: tokens.scopes,
      ...(system === 'salesforce'
        ? { instance_url: base, id: `${base}/id/00D/005` }
        : { expires_in: 1_800, hub_id: 1 }),
    }
    return String((await server.ask('POST', '/integrated-account', { tenant, system, label, grant }))['id'])
  }
  const hubspot = await bring('acme', 'hubspot', 'HubSpot')
  const salesforce = await bring('acme', 'salesforce', 'Salesforce')
  const removed = await bring('acme', 'hubspot', 'HubSpot, removed')
  const other = await bring('globex', 'salesforce', 'Salesforce of another tenant')
  const reauth = await bring('globex', 'hubspot', 'HubSpot that its customer has left')
  const tokens = await makeTokens(server)
  const hook = { tenant: 'globex', url: `http://${HOOKS}/old-data` }
  const webhook = await server.ask('POST', '/webhook-endpoint', hook)
  const urls = await makeUrls(server, { tokens, accounts: { hubspot, salesforce, other } })
  const lost = await loseGrant(server, vendors, { account: reauth, bearer: tokens.other })
  await server.stop()

  await finished(installation, 'keys', 'add')
  await finished(installation, 'keys', 'rotate')
  server = await start(installation)
  const connected = await connectAccount(server, vendors, 'acme', 'hubspot')
  grants.push(connected.grant)
  const bound = await knownCall(server, connected.accountId, tokens.runtime)
  const writes = await makeWrites(server, { tokens, account: hubspot })
  await server.stop()

  await finished(installation, 'keys', 'add')
  server = await start(installation)
  await server.ask('POST', `/integrated-account/${salesforce}/refresh`)
  // The refresh token is the old one, the access token is new.
  const [kept] = grants[1]?.random ?? ['']
  const [, access] = vendors.lastGrant('acme', 'salesforce', '').random
  grants[1] = { tenant: 'acme', system: 'salesforce', scope: scopes['salesforce'] ?? '', random: [kept, access] }
  vendors.control('acme', 'hubspot').arm({ kind: 'server_error', status: 503, path: '*revoke*', times: 100 })
  await server.ask('DELETE', `/integrated-account/${removed}`)
  const open = await makeLink(server, 'acme', 'hubspot')
  await server.stop()

  return {
    writtenAt: Date.now(),
    adminToken: server.adminToken,
    grants,
    accounts: { hubspot, salesforce, connected: connected.accountId, removed, other, reauth },
    tokens,
    ...urls,
    calls: [...urls.calls, lost, bound],
    ...writes,
    connect: { open, connected: connected.link },
    webhook: { id: String(webhook['id']), secret: String(webhook['secret']) },
    keys: await rowsByKey(installation),
    audit: JSON.parse(await finished(installation, 'audit', 'verify', '--json')),
    heads: (await finished(installation, 'audit', 'head'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  }
}

/** One API token of each scope, one that was replaced, one that was revoked, and one of another tenant. */
async function makeTokens(server: Running): Promise<StoreFacts['tokens']> {
  const make = (tenant: string, name: string, scope: string) =>
    server.ask('POST', '/api-token', { tenant, name, scopes: [scope] })
  const secret = async (...words: Parameters<typeof make>) => String((await make(...words))['token'])
  const first = await make('acme', 'rotated', 'runtime')
  const next = await server.ask('POST', `/api-token/${first['id']}/rotate`, { overlap_s: WEEK_S })
  const gone = await make('acme', 'revoked', 'runtime')
  await server.ask('DELETE', `/api-token/${gone['id']}`)
  return {
    admin: await secret('acme', 'admin', 'admin'),
    runtime: await secret('acme', 'runtime', 'runtime'),
    audit: await secret('acme', 'audit', 'audit'),
    approve: await secret('acme', 'approve', 'approve'),
    rotated: String(next['token']),
    replaced: String(first['token']),
    revoked: String(gone['token']),
    other: await secret('globex', 'runtime', 'runtime'),
  }
}

/** A first call on an account that somebody has connected. */
async function knownCall(server: Running, account: string, bearer: string): Promise<KnownCall> {
  const config = { expires_in_s: YEAR_S }
  const { token } = await server.ask('POST', `/integrated-account/${account}/mcp`, { name: 'connected', config })
  const call = { token: String(token), bearer, tool: 'list_all_hub_spot_accounts', args: { limit: '1' } }
  const { result } = await server.call(call)
  if (result === undefined) throw new Error('Cannot read through the account that was connected')
  return { about: 'an account that was connected on the pages', ...call, answer: { result } }
}

/** The customer takes the grant back, and a call finds out; its tenant's endpoint hears of it. */
async function loseGrant(server: Running, vendors: Vendors, of: { readonly account: string; readonly bearer: string }) {
  const issued = await server.ask('POST', `/integrated-account/${of.account}/mcp`, { name: 'lost' })
  vendors.control('globex', 'hubspot').revokeGrants()
  const call = { token: String(issued['token']), bearer: of.bearer, tool: 'list_all_hub_spot_contacts', args: {} }
  const { error } = await server.call(call)
  const { code, status } = error as { readonly code: string; readonly status: number }
  if (code !== 'needs_reauth') throw new Error(`Cannot lose the grant: the call was answered with ${code}`)
  await vendors.heard(1)
  return { about: 'an account whose grant is gone', ...call, answer: { error: { code, status } } }
}

/** From the table that `keys status` prints. @throws Error when not two keys and an ended one are in the ring. */
async function rowsByKey(installation: Installation): Promise<Readonly<Record<string, number>>> {
  const table = await finished(installation, 'keys', 'status')
  const rows = table.split('\n').flatMap((line) => {
    const [kid, count] = line.match(/(?<![[\d])\d+(?![\dm])/g) ?? []
    return line.includes('opens') && kid !== undefined ? [[kid, Number(count)] as const] : []
  })
  const used = rows.filter(([, count]) => count > 0)
  if (rows.length !== 3 || used.length !== 2) throw new Error(`Cannot use this ring, two of three must seal: ${table}`)
  return Object.fromEntries(rows)
}

async function finished(installation: Installation, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await command(installation, ...words)
  if (code !== 0) throw new Error(`Cannot run ${words.join(' ')}: it ended with ${code}: ${stdout}${stderr}`)
  return stdout
}
