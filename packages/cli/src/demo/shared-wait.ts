/**
 * @module
 * Many branches that are told to wait are one wait: it is reported once, with how many stand in line and until when, as
 * the gate itself knows it.
 */
import type { CallEvent, RateGate } from '@quartermaster/client'

export interface SharedWait {
  readonly waiting: number
  /** Epoch milliseconds. */
  readonly untilMs: number
  /** Calls that were really refused before the gate closed for all. */
  readonly refused: number
}

/** Those who are refused at the same time arrive within this many milliseconds. */
const GATHER_MS = 250

export function sharedWaits(gate: RateGate, account: string, report: (wait: SharedWait) => void) {
  let refused = 0
  return (event: CallEvent): void => {
    if (event.type !== 'rate_limited' || event.account !== account) return
    refused += 1
    if (refused > 1) return
    setTimeout(() => {
      const { waiting, opensInMs } = gate.state(account)
      report({ waiting, untilMs: Date.now() + opensInMs, refused })
      refused = 0
    }, GATHER_MS)
  }
}
