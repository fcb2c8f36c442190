/**
 * @module
 * Stores a grant as a new integrated account, or in place of an account's old one: checks where it leads, seals it, and
 * only then is there an account.
 */
import type { Connector } from '@quartermaster/connectors'
import { z } from 'zod'
import type { IntegratedAccount } from '../entities/account.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { newAccountId } from '../keys/tokens.ts'
import { apiBase, type DangerousVendorBase } from '../oauth/endpoints.ts'
import type { TokenAnswer } from '../oauth/read-token-answer.ts'
import type { AccountStore } from '../store/accounts.ts'
import type { ConnectionStore } from '../store/connections.ts'
import { type Grant, type Renewal, sealGrant } from '../vault/grant.ts'
import { grantTimes } from '../vault/grant-times.ts'

/** A tenant's name: it stands in keys and logs, so it is short and plain. */
export const tenantName = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/)

export interface ConnectDeps {
  readonly store: AccountStore
  readonly ring: KeyRing
  readonly dangerousVendorBase?: DangerousVendorBase
  readonly now: () => number
  readonly random: () => number
}

export interface NewAccount {
  readonly tenant: string
  readonly connector: Connector
  readonly label: string
  readonly answer: TokenAnswer
  /** How the grant is renewed when it is not by a refresh token. */
  readonly renewal?: Renewal
}

/** Why a grant was not taken. */
export class ConnectRefused extends Error {
  override readonly name = 'ConnectRefused'
}

/** @throws ConnectRefused when the grant leads to a host that is not the system's. */
export async function connectAccount(deps: ConnectDeps, input: NewAccount): Promise<IntegratedAccount> {
  const { tenant, connector, answer } = input
  const base = trustedBase(deps, input)
  const now = deps.now()
  const account: IntegratedAccount = {
    id: newAccountId(),
    tenant,
    system: connector.id,
    label: input.label,
    status: 'active',
    reason: undefined,
    scopes: answer.scopes,
    apiBase: base,
    createdAt: now,
  }
  const { grant, times } = grantOf(deps, input)
  await deps.store.insert(account, sealGrant(deps.ring, { tenant, accountId: account.id }, 1, grant), times)
  return account
}

/** A refresh may store a newer grant of the old consent while this one is on its way; then it is looked at again. */
const REPLACE_TRIES = 4

/**
 * Gives an account a new grant and makes it active. Whether the grant is of the same organisation is the caller's to
 * have checked.
 * @throws ConnectRefused when the account is gone, or the grant leads to a host that is not the system's.
 */
export async function reconnectAccount(
  deps: ConnectDeps & { readonly connections: ConnectionStore },
  accountId: string,
  input: NewAccount,
): Promise<IntegratedAccount> {
  const { tenant, connector, answer } = input
  const changes = { id: accountId, scopes: answer.scopes, apiBase: trustedBase(deps, input) }
  for (let tries = 1; tries <= REPLACE_TRIES; tries++) {
    const state = await deps.store.state(accountId)
    const { account } = state ?? {}
    if (!state || account?.tenant !== tenant || account.system !== connector.id) break
    const { grant, times } = grantOf(deps, input)
    const sealed = sealGrant(deps.ring, { tenant, accountId }, state.ver + 1, grant)
    if (await deps.connections.replaceGrant(state.ver, { account: changes, grant: sealed, times, at: deps.now() })) {
      return { ...account, ...changes, status: 'active', reason: undefined }
    }
  }
  throw new ConnectRefused(`Cannot connect ${connector.label} again: the account has been removed or is changing`)
}

/**
 * The base URL of the API that the grant leads to.
 * @throws ConnectRefused when it is not one of the system's.
 */
export function trustedBase(
  deps: Pick<ConnectDeps, 'dangerousVendorBase'>,
  { tenant, connector, answer }: Pick<NewAccount, 'tenant' | 'connector' | 'answer'>,
): string {
  const base = apiBase(connector, deps.dangerousVendorBase?.(tenant, connector.id), answer.kept)
  if (base !== undefined) return base
  throw new ConnectRefused(
    `Cannot connect ${connector.label}: the grant does not lead to one of its hosts (${connector.api.hosts.join(', ')})`,
  )
}

function grantOf(deps: ConnectDeps, { answer, renewal }: NewAccount) {
  const times = grantTimes(deps.now(), answer.expiresInS, deps.random())
  const grant: Grant = {
    accessToken: answer.accessToken,
    ...(answer.refreshToken === undefined ? {} : { refreshToken: answer.refreshToken }),
    ...(renewal === undefined ? {} : { renewal }),
    expiresAt: times.expiresAt,
  }
  return { grant, times }
}
