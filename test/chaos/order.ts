/**
 * @module
 * What a worker is started with, told, and answers.
 */
import type { StoreAddress } from './database.ts'

export interface WorkerOptions extends StoreAddress {
  /** When the proof began: what all its clocks count from. */
  readonly epoch: number
  readonly keys: string
  readonly system: string
  readonly authorityUrl: string
  readonly graceMs: number
  /** How much faster than real time its clock runs. */
  readonly scale: number
  readonly naive: boolean
  /** Takes a lease over as soon as it has ended, and sends whenever it comes to it. */
  readonly noTakeoverDelay: boolean
  /** Takes the key ring from the file in the directory, as a server does; otherwise from `keys`. */
  readonly followKeys: boolean
}

export interface Order {
  readonly id: number
  /** Moves the worker's clock to this many milliseconds ahead. */
  readonly offset: number
  readonly callers: number
  readonly accounts: readonly string[]
  /** A version that the system is said to have refused. */
  readonly rejected?: number
  /** Lets the scheduler take up what is due, at the same time. */
  readonly sweep?: boolean
  /** Forgets remembered tokens first, so that every call opens a sealed row. */
  readonly fresh?: boolean
}

export interface Reply {
  readonly id: number
  readonly ok: number
  /** A failure code for every caller that got no token. */
  readonly failures: readonly string[]
  /** An access token for every account that gave one. */
  readonly values: { readonly [account: string]: string }
  readonly vers: readonly number[]
}
