/**
 * @module
 * Storing a grant that exists only in this process until it is stored: a busy store is asked again, and a store that is
 * away is waited for, because no other process has this refresh token.
 */
import { StoreUnavailable } from '../store/unavailable.ts'
import type { Clock } from '../time/clock.ts'

const MAX_TRIES = 4
/** How long, and how often, a grant that could not be stored is offered to a store that is away. */
const STORE_OUTAGE_MS = 900_000
const RETRY_MS = 250

/** Answers what `write` answers. @throws whatever it throws at last. */
export async function storeWithRetry(clock: Clock, write: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await write()
    } catch (error) {
      if (tries === MAX_TRIES) throw error
      await clock.sleep(50 * 2 ** tries)
    }
  }
}

/** Never gives up while the process lives and the store may come back. False when it was in vain. */
export async function storeWhenBack(clock: Clock, write: () => Promise<boolean>): Promise<boolean> {
  const giveUpAt = clock.now() + STORE_OUTAGE_MS
  while (clock.now() < giveUpAt) {
    await clock.sleep(RETRY_MS)
    try {
      await write()
      return true
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) break
    }
  }
  return false
}
