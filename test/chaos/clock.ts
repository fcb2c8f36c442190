/**
 * @module
 * Time that can be moved on, and can run faster than it does. All processes of a proof count from one moment: on clocks
 * that each started with its process, a fast hour would differ from process to process.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '@quartermaster/server'

export interface MovedClock extends Clock {
  monotonic(): number
  /** From now on it is this many milliseconds later. */
  move(offsetMs: number): void
}

/** @param epoch when the proof began, in epoch milliseconds */
export function movedClock(epoch: number, scale: number): MovedClock {
  let offset = 0
  return {
    now: () => Math.floor(epoch + (Date.now() - epoch) * scale + offset),
    sleep: (ms) => delay(ms / scale),
    monotonic: () => performance.now() * scale,
    move(offsetMs) {
      offset = offsetMs
    },
  }
}
