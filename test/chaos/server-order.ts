/**
 * @module
 * What a server process is started with, told, and answers.
 */
import type { StoreAddress } from './database.ts'

export interface ServerOptions extends StoreAddress {
  readonly epoch: number
  readonly keys: string
  readonly authorityUrl: string
  /** Refreshes without the lease. */
  readonly naive: boolean
  readonly background: boolean
}

/** Moves the clock to this many milliseconds ahead. */
export interface Time {
  readonly offset: number
}

export interface ServerReady {
  readonly id: number
  /** Only in the line that says that it is ready. */
  readonly url?: string
}
