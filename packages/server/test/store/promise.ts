/**
 * @module
 * One promise of the store contract: a sentence, and what proves it on any database.
 */
import type { Store } from '../../src/store/open.ts'

/** A store on a fresh database, and a way to open the same database again as another process would. */
export interface FreshStore {
  readonly store: Store
  again(): Promise<Store>
}

export interface StorePromise {
  readonly promise: string
  /** Rejects with an AssertionError when the promise is broken. */
  readonly holds: (fresh: () => Promise<FreshStore>) => Promise<void>
}
