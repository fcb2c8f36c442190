/**
 * @module
 * The guard in front of every request to a system: all processes on one store share what an account's quotas admit, so
 * that agents of many processes meet our refusal, at once and with the time to wait, instead of the system's.
 */
import type { Connector, MethodOutcome, QuotaRule } from '@quartermaster/connectors'
import { FailureError, type Quota } from '@quartermaster/protocol'
import { LRUCache } from 'lru-cache'
import type { IntegratedAccount } from '../entities/account.ts'
import { type AccountQuota, type AccountQuotaDeps, accountQuota, type QuotaDenial } from './account-quota.ts'
import { quotasForAgents } from './agent-quotas.ts'
import type { QuotaHolder } from './quota-holder.ts'
import { refusal } from './refusal.ts'
import { usableLimit } from './window-state.ts'

export interface QuotaLimiterDeps extends AccountQuotaDeps {
  readonly catalog: ReadonlyMap<string, Pick<Connector, 'label' | 'quotas'>>
  /** Whose quota an account uses. Default: its own. */
  readonly holder?: QuotaHolder
}

/** One request that may be sent, or was. */
export interface SentRequest {
  readonly url: string
  /** Epoch milliseconds. */
  readonly at: number
}

export interface QuotaLimiter {
  /**
   * Resolves when a request to this URL may be sent now; call what it gives when the request is over.
   * @throws QuotaExhausted when it may not be sent. Nothing waits for a quota.
   */
  admit(account: IntegratedAccount, url: string): Promise<() => void>
  /** Learns from an answer. Resolves, when a refusal in it is known to every process, with what agents are told of quotas. */
  recordQuotaHeaders(account: IntegratedAccount, sent: SentRequest, outcome: MethodOutcome): Promise<readonly Quota[]>
  /** Returns the permits that this process holds. To be called when no more requests come. */
  close(): Promise<void>
}

/** A refusal of ours. Nothing was sent. */
export class QuotaExhausted extends FailureError {
  readonly quotas: readonly Quota[]

  constructor(account: IntegratedAccount, label: string, denial: QuotaDenial, now: number) {
    const { failure, quotas } = refusal(account, label, denial, now)
    super(failure)
    this.quotas = quotas
  }
}

const MAX_TRACKED = 10_000

/** No limiter: every request is sent, as it is when each system is left to defend itself. */
export const noQuotaLimiter: QuotaLimiter = {
  admit: async () => () => {},
  recordQuotaHeaders: async (_account, _sent, { quotas }) => quotas,
  close: async () => {},
}

export function quotaLimiter(deps: QuotaLimiterDeps): QuotaLimiter {
  // A lease of an account that is forgotten counts as used when it ends; that is all that is lost.
  const accounts = new LRUCache<string, AccountQuota>({ max: MAX_TRACKED })
  const holderOf = deps.holder ?? (async ({ id }: IntegratedAccount) => id)
  const quotaOf = async (account: IntegratedAccount) => {
    const id = await holderOf(account)
    const found = accounts.get(id)
    if (found) return found
    const made = accountQuota(id, deps)
    accounts.set(id, made)
    return made
  }
  const rulesFor = (account: IntegratedAccount, url: string) =>
    (deps.catalog.get(account.system)?.quotas ?? []).filter((rule) => rule.covers(url))

  return {
    close: async () => void (await Promise.all([...accounts.values()].map((each) => each.close()))),
    async admit(account, url) {
      const rules = rulesFor(account, url)
      if (rules.length === 0) return () => {}
      const answer = await (await quotaOf(account)).permit(rules)
      if (answer.why !== undefined) throw new QuotaExhausted(account, labelOf(account, deps), answer, deps.now())
      return answer.release
    },
    async recordQuotaHeaders(account, sent, outcome) {
      const answeredAt = deps.now()
      const rules = rulesFor(account, sent.url)
      if (rules.length === 0) return outcome.quotas
      const limiter = await quotaOf(account)
      const limited = !outcome.ok && outcome.failure.code === 'rate_limited'
      for (const rule of rules) {
        const quota = outcome.quotas.find(({ policy }) => policy === rule.policy)
        const windowMs = quota?.windowS === undefined ? undefined : quota.windowS * 1_000
        const { limit } = quota ?? {}
        // A refusal starts a cooldown below; its 0 says that the window was full, not that others have filled it.
        const remaining = limited ? undefined : quota?.remaining
        limiter.recordQuotaHeaders(rule, { limit, remaining, windowMs, sentAt: sent.at, answeredAt })
        const reserved = quota && waitOfReserve(rule, quota, deps.share)
        if (reserved !== undefined)
          await limiter.startCooldown([rule], { until: answeredAt + reserved, why: 'reserve' })
      }
      const told = quotasForAgents(outcome.quotas, rules, { share: deps.share, windowOf: limiter.windowOf })
      if (!limited) return told
      const { retry_after_s: waitS = DEFAULT_WAIT_S } = outcome.failure
      const named = rules.filter(({ policy }) => policy === fullOf(outcome.quotas))
      const until = answeredAt + Math.ceil(waitS * 1_000)
      await limiter.startCooldown(named.length > 0 ? named : rules, { until, why: 'refused' })
      return told
    },
  }
}

/** A refusal that does not say for how long. */
const DEFAULT_WAIT_S = 1

function labelOf(account: IntegratedAccount, { catalog }: QuotaLimiterDeps): string {
  return catalog.get(account.system)?.label ?? account.system
}

/** The quota that refused, which the connector puts first and shows with nothing left. */
function fullOf(quotas: readonly Quota[]): string | undefined {
  const [first] = quotas
  return first?.remaining === 0 ? first.policy : undefined
}

/** Milliseconds to leave the rest of a quota alone that only the system counts; undefined while there is enough. */
function waitOfReserve({ lowWaitS }: QuotaRule, quota: Quota, share: number): number | undefined {
  const { limit, remaining, resetS } = quota
  if (lowWaitS === undefined || limit === undefined || remaining === undefined) return undefined
  return remaining <= limit - usableLimit(limit, share) ? (resetS ?? lowWaitS) * 1_000 : undefined
}
