/**
 * @module
 * What every store keeps, whatever database is under it. Give {@link storeContract} a test runner and a way to open a
 * store on a fresh database; each promise becomes one test.
 */
import { accountContract } from './store-contract-accounts.ts'
import { auditContract } from './store-contract-audit.ts'
import { derivedUrlContract } from './store-contract-derived-urls.ts'
import { leaseContract } from './store-contract-leases.ts'
import { lifecycleContract } from './store-contract-lifecycle.ts'
import { quotaContract } from './store-contract-quota.ts'
import { recordContract } from './store-contract-records.ts'
import { sharedUrlContract } from './store-contract-shared-urls.ts'
import { urlCallsContract } from './store-contract-url-calls.ts'
import { writesContract } from './store-contract-writes.ts'
import type { StorePromise } from './store-promise.ts'

export interface ContractRunner {
  test(name: string, body: () => Promise<void>): void
  /** Opens a store on a database of its own. What it opens is closed by whoever runs the tests. */
  fresh: StorePromise['holds'] extends (fresh: infer F) => Promise<void> ? F : never
}

/** Registers the whole contract. */
export function storeContract({ test, fresh }: ContractRunner): void {
  const contract = [
    ...accountContract,
    ...auditContract,
    ...leaseContract,
    ...lifecycleContract,
    ...derivedUrlContract,
    ...quotaContract,
    ...urlCallsContract,
    ...recordContract,
    ...sharedUrlContract,
    ...writesContract,
  ]
  for (const { promise, holds } of contract) {
    test(promise, () => holds(fresh))
  }
}
