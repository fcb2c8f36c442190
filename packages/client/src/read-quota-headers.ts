/**
 * @module
 * Reads the quota fields of an HTTP response: `RateLimit` and `RateLimit-Policy` of
 * draft-ietf-httpapi-ratelimit-headers-10. What cannot be read is left out; no number is guessed.
 */
import type { Quota } from '@quartermaster/protocol'

/** Longer fields are not from a server that means well. */
const MAX_FIELD = 2_000
const MAX_QUOTAS = 16
const ITEM = /"([a-z0-9_.-]{1,64})"((?:\s*;\s*[a-z*][a-z0-9_.*-]{0,15}(?:=[^;,"]{0,32}|="[^"]{0,64}")?)*)/gi

/** Every quota that the response speaks about; undefined when it speaks of none. */
export function readQuotaHeaders(headers: Headers): readonly Quota[] | undefined {
  const quotas = new Map<string, Quota>()
  for (const [policy, parameters] of items(headers.get('ratelimit-policy'))) {
    const { q, w } = parameters
    if (q !== undefined) quotas.set(policy, { policy, limit: q, ...(w === undefined ? {} : { windowS: w }) })
  }
  for (const [policy, parameters] of items(headers.get('ratelimit'))) {
    const { r, t } = parameters
    if (r === undefined) continue
    quotas.set(policy, { ...quotas.get(policy), policy, remaining: r, ...(t === undefined ? {} : { resetS: t }) })
  }
  return quotas.size > 0 ? [...quotas.values()] : undefined
}

interface Parameters {
  readonly q?: number
  readonly w?: number
  readonly r?: number
  readonly t?: number
}

function items(field: string | null): [string, Parameters][] {
  if (!field || field.length > MAX_FIELD) return []
  return [...field.matchAll(ITEM)].slice(0, MAX_QUOTAS).map(([, policy = '', rest = '']) => {
    const numbers = [...rest.matchAll(/;\s*([qwrt])=(\d{1,12})(?=\s*(?:;|$))/g)]
    return [policy, Object.fromEntries(numbers.map(([, name, value]) => [name, Number(value)]))]
  })
}
