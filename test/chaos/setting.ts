/**
 * @module
 * What every proof is run with: a store, chance that can be repeated, and somebody to tell how far it has come.
 */
import type { StoreKind } from './database.ts'

export interface Setting {
  readonly store: StoreKind
  readonly random: () => number
  /** Called as the work goes on. */
  readonly step: (done: number, of: number) => void
}
