/**
 * @module
 * How a call is told that it was this server and not the system that refused it, in the shape of every other 429.
 */
import { type Failure, fail, type Quota } from '@quartermaster/protocol'
import type { IntegratedAccount } from '../entities/account.ts'
import type { QuotaDenial } from './account-quota.ts'

export function refusal(
  account: IntegratedAccount,
  label: string,
  denial: QuotaDenial,
  now: number,
): { readonly failure: Failure; readonly quotas: readonly Quota[] } {
  const retryAfterS = Math.max(1, Math.ceil((denial.opensAt - now) / 1_000))
  const { policy } = denial.rule
  const { limit, windowMs } = denial
  const quota: Quota = {
    policy,
    ...(limit === undefined ? {} : { limit }),
    remaining: 0,
    resetS: retryAfterS,
    ...(windowMs === undefined ? {} : { windowS: Math.ceil(windowMs / 1_000) }),
  }
  const failure = fail(
    'rate_limited',
    `429 Too Many Requests: ${reasonOf(denial, label)} (quota "${policy}" of ${account.id}). This server's shared budget refused the call; nothing was sent`,
    `Wait ${retryAfterS} s, then repeat the same call.`,
    { retryAfterS },
  )
  return { failure, quotas: [quota] }
}

function reasonOf({ why, limit, windowMs = 0 }: QuotaDenial, label: string): string {
  if (why === 'refused') return `${label} has just refused a call of this account, and it is not asked again too early`
  if (why === 'reserve') return `what is left is kept for the customer's other programs that use ${label}`
  return `the ${limit} calls to ${label} that agents may make in ${Math.ceil(windowMs / 1_000)} s are used up`
}
