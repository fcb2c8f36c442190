/**
 * @module
 * From a URL token and a second factor to what they open. Every way of being wrong has the same answer: nothing.
 */
import type { Connector } from '@quartermaster/connectors'
import { policies } from '@quartermaster/protocol'
import type { Access } from '../invoke/call.ts'
import type { Store } from '../store/open.ts'
import { deriveTools } from '../tools/derive-tools.ts'
import { type ApiToken, covers } from './api-token.ts'
import { hashToken, isApiToken, isUrlToken } from './tokens.ts'

export interface AccessParts {
  readonly store: Store
  readonly catalog: ReadonlyMap<string, Connector>
  readonly now: () => number
}

/** The access that a URL token with this `Authorization` header opens; undefined when it opens none. */
export async function findAccess(
  parts: AccessParts,
  urlToken: string,
  authorization: string | undefined,
): Promise<Access | undefined> {
  const { store, catalog, now } = parts
  // The checksum is looked at first: an invented token costs no query.
  if (!isUrlToken(urlToken)) return undefined
  const server = await store.servers.findByHash(hashToken(urlToken), now())
  if (!server || server.revokedAt !== undefined || server.expiresAt <= now()) return undefined
  const { require_api_token_auth: needsBearer } = server.config
  const bearer = needsBearer ? await findApiToken(store, authorization, now()) : undefined
  if (needsBearer && !(bearer?.scopes.includes('runtime') && covers(bearer, server.tenant))) return undefined
  const account = await store.accounts.find(server.accountId)
  const connector = account && catalog.get(account.system)
  if (!account || !connector || account.tenant !== server.tenant) return undefined
  return {
    server,
    account,
    tools: deriveTools(connector, server.config, account.scopes),
    policy: policies[server.config.pii],
    ...(bearer ? { actor: bearer.id } : {}),
  }
}

/** The API token of a Bearer header, when it is valid. What it may do is in its scopes. */
export async function findApiToken(
  store: Store,
  authorization: string | undefined,
  now: number,
): Promise<ApiToken | undefined> {
  const text = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  if (text === undefined || !isApiToken(text)) return undefined
  const token = await store.apiTokens.findByHash(hashToken(text), now)
  return token?.revokedAt === undefined ? token : undefined
}
