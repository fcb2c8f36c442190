/**
 * @module
 * Some systems keep only so many grants of one user for one app, and end the oldest without a word when there is one
 * more. Whoever connects is told before that happens.
 */
import type { Connector } from '@quartermaster/connectors'
import type { IntegratedAccount } from '../entities/account.ts'
import type { AccountIdentity } from '../store/connections.ts'
import type { Store } from '../store/open.ts'

export interface AccountWarning {
  readonly code: 'grants_at_limit'
  readonly message: string
}

/**
 * The system's maximum, when the user has that many live accounts here or more; undefined otherwise. Grants given
 * elsewhere or replaced by connecting again cannot be counted, so the real number may be higher.
 */
export async function reachedGrantLimit(
  store: Pick<Store, 'connections'>,
  connector: Connector,
  identity: Pick<AccountIdentity, 'orgId' | 'userId'>,
): Promise<number | undefined> {
  const max = connector.auth.maxGrantsPerUser
  if (max === undefined) return undefined
  return (await store.connections.countLive(connector.id, identity)) >= max ? max : undefined
}

/** What an operator should know of an account that works. */
export async function accountWarnings(
  { store, catalog }: { readonly store: Store; readonly catalog: ReadonlyMap<string, Connector> },
  account: IntegratedAccount,
  identity: AccountIdentity | undefined,
): Promise<readonly AccountWarning[]> {
  const connector = catalog.get(account.system)
  if (!connector || !identity || account.status === 'disconnected') return []
  const max = await reachedGrantLimit(store, connector, identity)
  if (max === undefined) return []
  const message = `${connector.label} keeps ${max} grants for each user and app, and this user has given that many here. One more silently ends the oldest. Remove accounts that are not needed, or connect as another user.`
  return [{ code: 'grants_at_limit', message }]
}
