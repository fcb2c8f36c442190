/**
 * @module
 * Removes, once an hour, what can no longer come again.
 */
import { type Rounds, rounds } from '../background/rounds.ts'
import type { ApprovalStore } from '../store/approvals.ts'
import type { MadeWriteStore } from '../store/made-writes.ts'

export interface ForgetOldParts {
  readonly writes: Pick<MadeWriteStore, 'sweep'>
  readonly approvals: Pick<ApprovalStore, 'sweep'>
  readonly now: () => number
  readonly random: () => number
  readonly onError: (error: unknown) => void
}

const PAUSE_MS = 3_600_000

export function forgetOld({ writes, approvals, now, random, onError }: ForgetOldParts): Rounds {
  const round = async () => (await writes.sweep(now())) + (await approvals.sweep(now()))
  return rounds({ round, pauseMs: PAUSE_MS, random, onError })
}
