/**
 * @module
 * Stores a confirmed grant: as a new account, or as the new grant of an account that is connected again.
 */

import { type ConnectDeps, connectAccount, type NewAccount, reconnectAccount } from '../accounts/connect-account.ts'
import type { IntegratedAccount } from '../entities/account.ts'
import type { ConnectSession } from '../entities/connect-session.ts'
import type { ConnectFlowDeps } from './connect-flow-deps.ts'
import type { ProviderContext } from './provider-context.ts'
import type { PendingGrant } from './sealed-step.ts'

/** @throws ConnectRefused when the account to connect again is gone. */
export async function storeConnection(
  deps: ConnectFlowDeps,
  session: ConnectSession,
  { connector }: ProviderContext,
  { answer, identity, obtainedAt }: PendingGrant,
): Promise<IntegratedAccount> {
  const { accounts, connections } = deps.store
  const spentS = Math.max(0, deps.now() - obtainedAt) / 1000
  const input: NewAccount = {
    tenant: session.tenant,
    connector,
    label: session.label ?? `${connector.label} ${identity.org}`.slice(0, 120),
    answer: { ...answer, expiresInS: Math.max(1, answer.expiresInS - spentS) },
  }
  const room: ConnectDeps = { ...deps, store: accounts }
  const account =
    session.accountId === undefined
      ? await connectAccount(room, input)
      : await reconnectAccount({ ...room, connections }, session.accountId, input)
  const { orgId, userId, org } = identity
  await connections.setIdentity(account.id, { orgId, userId, org })
  deps.tokens.forget(account.id)
  return account
}
