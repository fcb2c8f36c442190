/**
 * @module
 * What becomes of an account when a refresh gave no new grant. Only a refusal of the grant itself, seen twice or
 * together with a dead access token, asks the user for a new one; everything else is somebody else's fault and passes.
 */
import { type Failure, fail } from '@quartermaster/protocol'
import type { TokenOutcome } from '../oauth/client.ts'
import type { Returned } from '../store/refreshes.ts'
import { type Run, report } from './refresh-deps.ts'
import { CONFIRM_AFTER_MS, callerWait, contentionWait, probeWait, schedulerWait } from './refresh-waits.ts'

export type Unrefreshed =
  /** The row is not as it was read: read it again. */
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'contended' }
  | { readonly outcome: 'unavailable'; readonly failure: Failure }

type Refusal = Extract<TokenOutcome, { readonly ok: false }>

export async function settleRefusal(run: Run, refusal: Refusal): Promise<Unrefreshed> {
  const { deps, circuit, seen } = run
  const now = deps.clock.now()
  switch (refusal.means) {
    case 'dead':
      deps.breaker.answered(circuit)
      return settleDead(run, refusal.reason ?? 'revoked', now)
    case 'contention':
      deps.breaker.answered(circuit)
      await giveBack(run, {
        keepAttempt: false,
        failed: true,
        refreshAt: now + contentionWait(seen.failures, deps.random()),
        retryAt: 0,
      })
      report(run, 'contended')
      return { outcome: 'contended' }
    case 'operator': {
      const waitMs = deps.breaker.refusedClient(circuit, now)
      await giveBack(run, {
        keepAttempt: false,
        failed: false,
        refreshAt: now + waitMs + deps.random() * 10_000,
        retryAt: 0,
      })
      report(run, 'client_refused')
      return unavailable(run, 'its system refuses the client credentials of this installation', waitMs)
    }
    case 'transient':
      return settleUnsent(run, (refusal.retryAfterS ?? 0) * 1_000)
    case 'unknown':
      return settleUnknown(run)
  }
}

/** The system has not acted on the request: the same refresh token is as good as before. */
export async function settleUnsent(run: Run, atLeastMs = 0): Promise<Unrefreshed> {
  const { deps, seen } = run
  const now = deps.clock.now()
  deps.breaker.broken(run.circuit, seen.account.id, now)
  const retryIn = Math.max(atLeastMs, callerWait(seen.failures, deps.random()))
  await giveBack(run, {
    keepAttempt: false,
    failed: true,
    refreshAt: now + Math.max(atLeastMs, schedulerWait(seen.failures, deps.random())),
    retryAt: now + retryIn,
  })
  report(run, 'unavailable')
  return unavailable(run, 'its system cannot refresh it now', retryIn)
}

/**
 * The request went out and no usable answer came. The authority may have replaced the refresh token, and sending the
 * old one again may cost the whole grant; so the access token is used up first, unless the authority forgives.
 */
export async function settleUnknown(run: Run): Promise<Unrefreshed> {
  const { deps, seen } = run
  const now = deps.clock.now()
  deps.breaker.broken(run.circuit, seen.account.id, now)
  const retryIn = forgives(run, now) ? 250 : callerWait(seen.failures, deps.random())
  const again = forgives(run, now) ? 500 + 500 * deps.random() : schedulerWait(seen.failures, deps.random())
  const usable = !run.rejected && now < seen.times.expiresAt
  await giveBack(run, {
    keepAttempt: true,
    failed: true,
    refreshAt: usable && !forgives(run, now) ? seen.times.expiresAt : now + again,
    retryAt: now + retryIn,
  })
  report(run, 'unknown')
  return unavailable(run, 'its system did not answer the refresh', retryIn)
}

/** Whether a refresh token that may have been replaced can be sent again without harm. */
export function forgives({ authority, seen, startedAt, attempts }: Run, now: number): boolean {
  const firstAt = attempts > 1 ? seen.attemptedAt : startedAt
  return now - firstAt < (authority.graceMs ?? 0)
}

async function settleDead(run: Run, reason: string, now: number): Promise<Unrefreshed> {
  const { deps, seen, attempts } = run
  const { id, status } = seen.account
  if (status === 'needs_reauth') {
    await giveBack(run, { keepAttempt: false, failed: false, refreshAt: now, retryAt: 0 })
    return { outcome: 'changed' }
  }
  const accessDead = run.rejected || now >= seen.times.expiresAt
  const refusedBefore = seen.suspectAt > 0 && now - seen.suspectAt >= CONFIRM_AFTER_MS
  if (accessDead || refusedBefore) {
    const flipped = await deps.refreshes.flip(id, seen.ver, {
      // An earlier attempt that never reported back may have replaced the token that was refused now, or may have
      // reached the authority after its own repetition.
      reason: attempts > 1 || seen.replayed ? 'lost_rotation' : reason,
      at: now,
      probeAt: now + probeWait(true, deps.random()),
    })
    if (flipped) report(run, 'needs_reauth')
    return { outcome: 'changed' }
  }
  const confirmAt = now + CONFIRM_AFTER_MS + deps.random() * 10_000
  await giveBack(run, {
    keepAttempt: false,
    failed: false,
    refreshAt: confirmAt,
    retryAt: Math.min(confirmAt, seen.times.expiresAt),
    suspectAt: seen.suspectAt > 0 ? seen.suspectAt : now,
  })
  report(run, 'suspect')
  return unavailable(run, 'its system does not accept its refresh token', CONFIRM_AFTER_MS)
}

async function giveBack(run: Run, returned: Omit<Returned, 'suspectAt'> & { suspectAt?: number }): Promise<void> {
  const { deps, seen, time } = run
  if (!time.isOurs()) return
  const now = deps.clock.now()
  const probing = seen.account.status === 'needs_reauth'
  await deps.refreshes.giveBack(seen.account.id, deps.owner, {
    suspectAt: seen.suspectAt,
    ...returned,
    ...(probing ? { refreshAt: now + probeWait(false, deps.random()), retryAt: 0 } : {}),
  })
}

export function unavailable(
  run: Pick<Run, 'seen'>,
  why: string,
  waitMs: number,
): Extract<Unrefreshed, { readonly outcome: 'unavailable' }> {
  const { id } = run.seen.account
  const retryAfterS = Math.max(1, Math.ceil(waitMs / 1_000))
  const advice = `Wait ${retryAfterS} s, then repeat the same call.`
  return {
    outcome: 'unavailable',
    failure: fail('upstream_unavailable', `Cannot refresh ${id}: ${why}`, advice, { retryAfterS }),
  }
}
