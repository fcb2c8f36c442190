/**
 * @module
 * Quotas as agents are told of them: their part of each limit and what is left of it, so that a caller who keeps to what
 * answers say never meets a refusal of ours. What the system does not state, but is counted here, is stated too.
 */
import type { QuotaRule } from '@quartermaster/connectors'
import type { Quota } from '@quartermaster/protocol'
import { usableLimit, type WindowLimits } from './window-state.ts'

export interface QuotasForAgentsDeps {
  /** Part of each limit that agents may use. */
  readonly share: number
  /** What is known of a quota that is counted here. */
  readonly windowOf: (rule: QuotaRule) => WindowLimits | undefined
}

/** The quotas of an answer in their order, then those of `rules` that it does not state. Without a rule, one stays as it is. */
export function quotasForAgents(
  stated: readonly Quota[],
  rules: readonly QuotaRule[],
  parts: QuotasForAgentsDeps,
): Quota[] {
  const told = stated.map((quota) => {
    const rule = rules.find(({ policy }) => policy === quota.policy)
    return rule ? agentsPart(quota, rule, parts) : quota
  })
  for (const rule of rules) {
    const window = parts.windowOf(rule)
    if (!window || stated.some(({ policy }) => policy === rule.policy)) continue
    told.push({ policy: rule.policy, limit: window.usable, windowS: Math.ceil(window.windowMs / 1_000) })
  }
  return told
}

function agentsPart(quota: Quota, rule: QuotaRule, { share, windowOf }: QuotasForAgentsDeps): Quota {
  const limit = quota.limit ?? windowOf(rule)?.limit
  // Of a quota that is only read, nothing is kept back.
  const kept = rule.counted !== undefined || rule.lowWaitS !== undefined
  if (limit === undefined || !kept) return quota
  const usable = usableLimit(limit, share)
  const { remaining } = quota
  return {
    ...quota,
    limit: usable,
    ...(remaining === undefined ? {} : { remaining: Math.max(0, remaining - (limit - usable)) }),
  }
}
