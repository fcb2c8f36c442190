/**
 * @module
 * What every store keeps, whatever database is under it. Give {@link storeContract} a test runner and a way to open a
 * store on a fresh database; each promise becomes one test.
 */
import { accountContract } from './store-contract-accounts.ts'
import { auditContract } from './store-contract-audit.ts'
import { leaseContract } from './store-contract-leases.ts'
import { recordContract } from './store-contract-records.ts'
import type { StorePromise } from './store-promise.ts'

export interface ContractRunner {
  test(name: string, body: () => Promise<void>): void
  /** Opens a store on a database of its own. What it opens is closed by whoever runs the tests. */
  fresh: StorePromise['holds'] extends (fresh: infer F) => Promise<void> ? F : never
}

/** Registers the whole contract. */
export function storeContract({ test, fresh }: ContractRunner): void {
  for (const { promise, holds } of [...accountContract, ...leaseContract, ...auditContract, ...recordContract]) {
    test(promise, () => holds(fresh))
  }
}
