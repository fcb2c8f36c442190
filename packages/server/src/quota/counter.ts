/**
 * @module
 * What one process knows of one counted window between two visits to the store: the block in its hand, how it used it,
 * and what it has heard since.
 */
import type { QuotaRule } from '@quartermaster/connectors'
import {
  addUses,
  type Block,
  type Bucket,
  current,
  giveBack,
  lend,
  opensAt,
  slotEnd,
  type Use,
  usablePart,
  type Window,
} from './bucket.ts'
import { countOthers, type Heard, learn } from './heard.ts'

/** A proposal for the store, and what holds here once it is stored. */
export interface Visit {
  readonly bucket: Bucket
  readonly stored: () => void
}

export interface Counter {
  /** As last stored, or declared. */
  readonly window: Window
  /** A permit is in the hand. */
  ready(now: number): boolean
  /** Gives what must be called when the call is over. The system counts it some time before, we do then. */
  take(): Over
  /** A call is made without a permit, because the store is away. It is reported later. */
  takeUnasked(): Over
  hear(heard: Heard): void
  /** There was nothing to lend a moment ago. */
  denied(now: number): { readonly opensAt: number; readonly window: Window } | undefined
  /** How many callers wait for a permit. */
  waiting: number
  /**
   * Milliseconds within which the store should hear that a block is used up and all its calls are over, so that its
   * permits are free again as soon as they can be; undefined when there is no such block.
   */
  reportInMs(): number | undefined
  /** From now on every block is given back, used up or not. */
  close(): void
  /** Settles what was, and borrows if somebody waits. */
  visit(bucket: Bucket, now: number, newId: () => string): Visit
}

export type Over = (now: number) => void

interface Hand {
  readonly block: Block
  left: number
  /** Calls under way. */
  running: number
  readonly uses: Use[]
}

/** How long a denial is believed before the store is asked again, as a part of the window. */
const RECHECK_PART = 10
/** Within this part of the window the next visit has most often reported the last block along with its own wish. */
const REPORT_PART = 20
const MOST_APPETITE = 20

/** @param share The part of the limit that we may use. */
export function counter(counted: NonNullable<QuotaRule['counted']>, share: number): Counter {
  const windowOf = ({ limit = counted.limit, windowMs = counted.windowS * 1_000 }: Partial<Bucket>): Window => {
    return { limit, windowMs, usable: usablePart(limit, share) }
  }
  const declared = windowOf({})
  let window = declared
  let hand: Hand | undefined
  /** Used up or ended, and not yet reported: some of their calls are under way. */
  let spent: readonly Hand[] = []
  let unasked: Use[] = []
  let closing = false
  let heard: Heard | undefined
  let appetite = 1
  let denial: { readonly opensAt: number; readonly until: number } | undefined
  const useAt = (now: number): Use => [slotEnd(now, window.windowMs), 1]

  return {
    waiting: 0,
    get window() {
      return window
    },
    ready: (now) => hand !== undefined && hand.left > 0 && now < hand.block.sendUntil,
    take() {
      if (!hand) throw new TypeError('take() needs a permit in the hand')
      const from = hand
      from.left -= 1
      from.running += 1
      return (now) => {
        from.running -= 1
        // Too late for its block, which has been counted as used at its end. It is counted once more, now.
        if (now < from.block.until) from.uses.push(useAt(now))
        else unasked.push(useAt(now))
      }
    },
    takeUnasked: () => (now) => void unasked.push(useAt(now)),
    hear(told) {
      heard = told
      // A block of a larger window is not used up: the next call asks again.
      if (hand && told.limit !== undefined && told.limit < window.limit) hand.left = 0
    },
    denied: (now) => (denial && now < denial.until ? { opensAt: denial.opensAt, window } : undefined),
    reportInMs() {
      const worn = hand && (hand.left === 0 || closing) ? [...spent, hand] : spent
      return worn.some(isOver) ? window.windowMs / REPORT_PART : undefined
    },
    close() {
      closing = true
    },
    visit(stored, now, newId) {
      const told = heard
      const worn = hand && (closing || hand.left === 0 || now >= hand.block.sendUntil) ? hand : undefined
      const waiting = worn ? [...spent, worn] : spent
      // Of a block that has ended, all has been counted as used; nothing more is to be said of it.
      const settled = waiting.filter((each) => isOver(each) || now >= each.block.until)
      const reported = unasked
      let said = told ? learn(stored, declared, told) : stored
      const learnt = windowOf(said)
      for (const { block, uses } of settled) said = giveBack(said, learnt, block.id, uses)
      const own = current(addUses(said, learnt, reported), learnt, now)
      const bucket = told ? countOthers(own, learnt, told, now) : own
      // That time has passed is no news: everybody knows.
      const news = said !== stored || reported.length > 0 || bucket !== own
      const asks = this.waiting > 0 && (hand === undefined || hand === worn)
      const hungry = worn ? nextAppetite(worn, now, appetite) : appetite
      const want = Math.min(MOST_APPETITE, Math.max(hungry, this.waiting))
      const lent = asks ? lend(bucket, learnt, { id: newId(), want, now }) : undefined
      const refused = asks && lent === undefined ? opensAt(bucket, learnt, now) : undefined
      return {
        bucket: lent?.bucket ?? (news ? bucket : stored),
        stored() {
          window = learnt
          if (hand === worn) hand = lent && { block: lent.block, left: lent.block.permits, running: 0, uses: [] }
          spent = waiting.filter((each) => !settled.includes(each))
          appetite = hungry
          unasked = unasked.slice(reported.length)
          if (heard === told) heard = undefined
          const recheckMs = Math.min(1_000, learnt.windowMs / RECHECK_PART)
          denial = refused === undefined ? undefined : { opensAt: refused, until: Math.min(refused, now + recheckMs) }
        },
      }
    },
  }
}

function isOver({ running }: Hand): boolean {
  return running === 0
}

/** A block that was gone before its time calls for a larger one; one that was not, for what was used of it. */
function nextAppetite({ block, left }: Hand, now: number, appetite: number): number {
  if (left === 0 && now < block.sendUntil) return Math.min(MOST_APPETITE, Math.max(appetite, 2 * block.permits))
  return Math.max(1, block.permits - left)
}
