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
  type Window,
} from './bucket.ts'
import { countOthers, type Heard, learn } from './heard.ts'

/** A proposal for the store, and what holds here once it is stored. */
export interface Visit {
  readonly bucket: Bucket
  readonly stored: () => void
}

export interface Counter {
  /** A permit is in the hand. */
  ready(now: number): boolean
  take(now: number): void
  /** A call is made without a permit, because the store is away. It is reported later. */
  takeUnasked(now: number): void
  hear(heard: Heard): void
  /** There was nothing to lend a moment ago. */
  denied(now: number): { readonly opensAt: number; readonly window: Window } | undefined
  /** How many callers wait for a permit. */
  waiting: number
  /** Settles what was, and borrows if somebody waits. */
  visit(bucket: Bucket, now: number, newId: () => string): Visit
}

interface Hand {
  readonly block: Block
  left: number
  readonly uses: Use[]
}

/** How long a denial is believed before the store is asked again, as a part of the window. */
const RECHECK_PART = 10
const MOST_APPETITE = 20

/** @param share The part of the limit that we may use. */
export function counter(counted: NonNullable<QuotaRule['counted']>, share: number): Counter {
  const windowOf = ({ limit = counted.limit, windowMs = counted.windowS * 1_000 }: Partial<Bucket>): Window => {
    return { limit, windowMs, usable: Math.max(1, Math.floor(limit * share)) }
  }
  const declared = windowOf({})
  let window = declared
  let hand: Hand | undefined
  let unasked: Use[] = []
  let heard: Heard | undefined
  let appetite = 1
  let denial: { readonly opensAt: number; readonly until: number } | undefined
  /** How much later than it was sent a call may have been counted by the system. */
  let lagMs = 0
  const useAt = (now: number): Use => [slotEnd(now + lagMs, window.windowMs), 1]

  return {
    waiting: 0,
    ready: (now) => hand !== undefined && hand.left > 0 && now < hand.block.until,
    take(now) {
      if (!hand) throw new TypeError('take() needs a permit in the hand')
      hand.left -= 1
      hand.uses.push(useAt(now))
    },
    takeUnasked: (now) => void unasked.push(useAt(now)),
    hear(told) {
      lagMs = Math.min(window.windowMs / 10, Math.max(lagMs * 0.95, told.answeredAt - told.sentAt))
      heard = told
      // A block of a larger window is not used up: the next call asks again.
      if (hand && told.limit !== undefined && told.limit < window.limit) hand.left = 0
    },
    denied: (now) => (denial && now < denial.until ? { opensAt: denial.opensAt, window } : undefined),
    visit(stored, now, newId) {
      const told = heard
      const settled = hand && (hand.left === 0 || now >= hand.block.until) ? hand : undefined
      const reported = unasked
      let bucket = told ? learn(stored, declared, told) : stored
      const learnt = windowOf(bucket)
      if (settled) bucket = giveBack(bucket, learnt, settled.block.id, settled.uses)
      bucket = addUses(current(bucket, learnt, now), learnt, reported)
      if (told) bucket = countOthers(bucket, learnt, told, now)
      const kept = hand === settled ? undefined : hand
      const asks = this.waiting > 0 && kept === undefined
      const hungry = settled ? nextAppetite(settled, now, appetite) : appetite
      const want = Math.min(MOST_APPETITE, Math.max(hungry, this.waiting))
      const lent = asks ? lend(bucket, learnt, { id: newId(), want, now }) : undefined
      const refused = asks && lent === undefined ? opensAt(bucket, learnt, now) : undefined
      return {
        bucket: lent?.bucket ?? bucket,
        stored() {
          window = learnt
          if (hand === settled) hand = lent && { block: lent.block, left: lent.block.permits, uses: [] }
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

/** A block that was gone before its time calls for a larger one; one that was not, for what was used of it. */
function nextAppetite({ block, left, uses }: Hand, now: number, appetite: number): number {
  if (left === 0 && now < block.until) return Math.min(MOST_APPETITE, Math.max(appetite, 2 * block.permits))
  return Math.max(1, uses.length)
}
