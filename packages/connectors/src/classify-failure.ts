/**
 * @module
 * An answer that is not a success becomes a typed failure by the connector's ordered rules, then by its HTTP status.
 * Names and ids pass only when they look like names and ids; the answer's text never does.
 */
import type { FailureCode, Quota } from '@quartermaster/protocol'
import type { ErrorRuleFile, QuotaFile } from './connector-file.ts'
import type { MethodOutcome, UpstreamResponse } from './contract.ts'
import { describeFailure, type FailureFacts } from './describe-failure.ts'
import type { Expression } from './expression.ts'
import type { IdTest } from './id-shape.ts'
import { parseBody } from './parse-body.ts'
import { readQuotas, readRetryAfter } from './read-quotas.ts'

/** A rule with its expressions compiled; a constant is an expression that returns itself. */
export interface ErrorRule {
  readonly file: ErrorRuleFile
  readonly when?: Expression
  readonly retryAfterS?: Expression
  readonly policy?: Expression
  readonly fields?: Expression
  readonly existingId?: Expression
}

/** What is known about the call that failed. */
export interface FailedCall {
  readonly action: string
  readonly label: string
  readonly resource: string
  readonly hasId: boolean
  readonly writes: boolean
  readonly scopes: readonly string[]
  readonly isId: IdTest
  /** The system's field names, and what the caller calls them. */
  readonly fieldNames: ReadonlyMap<string, string>
}

/** At most this many rejected fields are named. */
const MOST_FIELDS = 10
/** A field that no argument stands for. */
const OTHER_FIELD = 'another field'

/** Turns a response whose status is not 2xx into an outcome. Never throws for what the response holds. */
export async function classifyFailure(
  rules: readonly ErrorRule[],
  quotaFile: QuotaFile,
  response: UpstreamResponse,
  call: FailedCall,
): Promise<MethodOutcome> {
  const body = parseBody(response.body)
  const input = body.ok ? body.value : undefined
  const ask = async (expression: Expression | undefined) => {
    try {
      return await expression?.(input, { status: response.status })
    } catch {
      return undefined
    }
  }
  const rule = await firstMatch(rules, response.status, ask)
  const code = rule?.file.code ?? codeForStatus(response.status, call.hasId)
  const quotas = readQuotas(quotaFile, response.headers)
  const told = await ask(rule?.policy)
  const policy = typeof told === 'string' && Object.hasOwn(quotaFile.policies, told) ? told : undefined
  const retryAfterS = await waitFor(code, quotaFile, response, quotas, policy, await ask(rule?.retryAfterS))
  const existingId = await ask(rule?.existingId)
  const facts: FailureFacts = {
    ...call,
    code,
    fields: fieldNames(await ask(rule?.fields), call.fieldNames),
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
    ...(policy === undefined ? {} : { policy }),
    ...(typeof existingId === 'string' && call.isId(existingId) ? { existingId } : {}),
  }
  return {
    ok: false,
    failure: describeFailure(facts),
    ...(rule?.file.unauthorized ? { unauthorized: true } : {}),
    quotas: code === 'rate_limited' ? exhausted(quotas, policy, retryAfterS, quotaFile) : quotas,
  }
}

async function firstMatch(
  rules: readonly ErrorRule[],
  status: number,
  ask: (expression: Expression | undefined) => Promise<unknown>,
): Promise<ErrorRule | undefined> {
  for (const rule of rules) {
    if (!rule.file.status.includes(status)) continue
    if (!rule.when || (await ask(rule.when)) === true) return rule
  }
  return undefined
}

function codeForStatus(status: number, hasId: boolean): FailureCode {
  if (status === 429) return 'rate_limited'
  if (status === 401) return 'needs_reauth'
  if (status === 403) return 'forbidden'
  if (status === 404 && hasId) return 'not_found'
  if (status === 408) return 'upstream_unavailable'
  if (status >= 500) return 'upstream_unavailable'
  return status >= 400 ? 'upstream_rejected' : 'upstream_invalid'
}

/** What the answer says comes first, then the rule's estimate, then the length of the window that is full. */
async function waitFor(
  code: FailureCode,
  file: QuotaFile,
  response: UpstreamResponse,
  quotas: readonly Quota[],
  policy: string | undefined,
  estimate: unknown,
): Promise<number | undefined> {
  if (code !== 'rate_limited' && code !== 'upstream_unavailable') return undefined
  const stated = readRetryAfter(file, response.headers)
  if (stated !== undefined) return stated
  if (typeof estimate === 'number' && estimate >= 0) return estimate
  if (code !== 'rate_limited') return undefined
  const violated = quotas.find((quota) => quota.policy === policy)
  return violated?.resetS ?? violated?.windowS ?? (policy === undefined ? undefined : file.policies[policy]?.window_s)
}

/** The quota that refused the call has nothing left, whatever slightly older headers say. */
function exhausted(
  quotas: readonly Quota[],
  policy: string | undefined,
  resetS: number | undefined,
  file: QuotaFile,
): Quota[] {
  if (policy === undefined) return [...quotas]
  const windowS = file.policies[policy]?.window_s
  const known = quotas.find((quota) => quota.policy === policy) ?? { policy, ...(windowS ? { windowS } : {}) }
  const full = { ...known, remaining: 0, ...(resetS === undefined ? {} : { resetS }) }
  return [full, ...quotas.filter((quota) => quota.policy !== policy)]
}

/**
 * Our names only. A system's own name for a field means nothing to the caller, and where a system puts a value in the
 * place of a name, that must not be told either.
 */
function fieldNames(told: unknown, names: ReadonlyMap<string, string>): string[] {
  const list = (Array.isArray(told) ? told : [told]).filter((name: unknown) => typeof name === 'string' && name !== '')
  const ours = list.map((name: string) => names.get(name) ?? OTHER_FIELD)
  return [...new Set(ours)].sort((a, b) => Number(a === OTHER_FIELD) - Number(b === OTHER_FIELD)).slice(0, MOST_FIELDS)
}
