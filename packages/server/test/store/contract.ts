/**
 * @module
 * What every store keeps, whatever database is under it. Give {@link storeContract} a test runner and a way to open a
 * store on a fresh database; each promise becomes one test.
 */
import { accountContract } from './accounts.ts'
import { auditContract } from './audit.ts'
import { derivedUrlContract } from './derived-urls.ts'
import { leaseContract } from './leases.ts'
import { lifecycleContract } from './lifecycle.ts'
import type { FreshStore } from './promise.ts'
import { quotaContract } from './quota-states.ts'
import { recordContract } from './records.ts'
import { sharedUrlContract } from './shared-urls.ts'
import { urlCallsContract } from './url-calls.ts'
import { writesContract } from './writes.ts'

export interface ContractRunner {
  test(name: string, body: () => Promise<void>): void
  /** Opens a store on a database of its own. What it opens is closed by whoever runs the tests. */
  fresh(): Promise<FreshStore>
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
