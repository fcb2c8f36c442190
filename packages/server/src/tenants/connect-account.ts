/**
 * @module
 * Stores a grant as a new integrated account: checks where it leads, seals it, and only then is there an account.
 */
import type { Connector } from '@quartermaster/connectors'
import { z } from 'zod'
import type { TokenAnswer } from '../oauth/client.ts'
import { apiBase, type DangerousVendorBase } from '../oauth/endpoints.ts'
import type { AccountStore } from '../store/accounts.ts'
import { sealGrant } from '../vault/grant.ts'
import { grantTimes } from '../vault/grant-times.ts'
import type { KeyRing } from '../vault/key-ring.ts'
import type { IntegratedAccount } from './account.ts'
import { newAccountId } from './tokens.ts'

/** A tenant's name: it stands in keys and logs, so it is short and plain. */
export const tenantName = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/)

export interface ConnectParts {
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
}

/** Why a grant was not taken. */
export class ConnectRefused extends Error {
  override readonly name = 'ConnectRefused'
}

/** @throws ConnectRefused when the grant leads to a host that is not the system's. */
export async function connectAccount(parts: ConnectParts, input: NewAccount): Promise<IntegratedAccount> {
  const { tenant, connector, answer } = input
  const base = apiBase(connector, parts.dangerousVendorBase?.(tenant, connector.id), answer.kept)
  if (base === undefined) {
    throw new ConnectRefused(
      `Cannot connect ${connector.label}: the grant does not lead to one of its hosts (${connector.api.hosts.join(', ')})`,
    )
  }
  const now = parts.now()
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
  const times = grantTimes(now, answer.expiresInS, parts.random())
  const grant = {
    accessToken: answer.accessToken,
    ...(answer.refreshToken === undefined ? {} : { refreshToken: answer.refreshToken }),
    expiresAt: times.expiresAt,
  }
  await parts.store.insert(account, sealGrant(parts.ring, { tenant, accountId: account.id }, 1, grant), times)
  return account
}
