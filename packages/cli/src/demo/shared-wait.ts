/**
 * @module
 * Many branches that are told to wait are one wait: it is reported once, with how many stand in line and until when, as
 * the gate itself knows it.
 */
import { type CallEvent, type Clock, type RateGate, systemClock } from '@quartermaster/client'

export interface SharedWait {
  readonly waiting: number
  /** Epoch milliseconds. */
  readonly untilMs: number
  /** Calls that were really refused before the gate closed for all. */
  readonly refused: number
}

/** Those who are refused at the same time arrive within this many milliseconds. */
const GATHER_MS = 250

/** @returns a listener for the account's calls. `report` is called once per wait, when nothing is under way any more. */
export function sharedWaits(
  gate: Pick<RateGate, 'state'>,
  account: string,
  report: (wait: SharedWait) => void,
  clock: Clock = systemClock,
): (event: CallEvent) => void {
  let refused = 0
  const gather = async () => {
    do await clock.sleep(GATHER_MS)
    while (gate.state(account).inFlight > 0)
    const { waiting, opensInMs } = gate.state(account)
    report({ waiting, untilMs: clock.now() + opensInMs, refused })
    refused = 0
  }
  return (event) => {
    if (event.type !== 'rate_limited' || event.account !== account) return
    refused += 1
    if (refused === 1) void gather()
  }
}
