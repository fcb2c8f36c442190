/**
 * @module
 * What an answer says about a window, brought together with our own count of it: the stated limit wins, and calls that
 * we did not make are another program's.
 */
import { addCalls, countedAt, countedSince, type WindowLimits, type WindowState } from './window-state.ts'

/** Quota facts of one answer. */
export interface QuotaObservation {
  readonly limit?: number | undefined
  readonly remaining?: number | undefined
  readonly windowMs?: number | undefined
  /** When the request left, and when its answer had come. */
  readonly sentAt: number
  readonly answeredAt: number
}

/** Differences up to this part of the limit are calls under way, not another program. */
const TOLERANCE = 0.05

/** The state with the stated limit and window length. The same object when nothing is new. */
export function applyStatedLimits(
  state: WindowState,
  declared: WindowLimits,
  { limit, windowMs }: QuotaObservation,
): WindowState {
  const known = { limit: state.limit ?? declared.limit, windowMs: state.windowMs ?? declared.windowMs }
  const stated = { limit: limit ?? known.limit, windowMs: windowMs || known.windowMs }
  if (stated.limit === known.limit && stated.windowMs === known.windowMs) return state
  return { ...state, ...stated }
}

/** Counts the calls of other programs. The same object when there are none, or the answer is too old to tell. */
export function countOtherClients(
  state: WindowState,
  limits: WindowLimits,
  observation: QuotaObservation,
  now: number,
): WindowState {
  const { remaining, sentAt, answeredAt } = observation
  const { limit, windowMs } = limits
  const tookMs = answeredAt - sentAt
  if (remaining === undefined || tookMs > windowMs / 4 || answeredAt < now - windowMs / 4) return state
  // The system counts a call when it arrives, up to the time of an answer later than we do, and forgets it as late.
  const ours = countedSince(state, sentAt - tookMs - 1.1 * windowMs)
  const others = limit - remaining - ours
  if (others <= Math.max(2, limit * TOLERANCE)) return state
  return addCalls(state, limits, [[countedAt(answeredAt, windowMs), others]])
}
