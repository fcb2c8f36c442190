/**
 * @module
 * Quota headers of any dialect become `Quota`s. A header that cannot be read is ignored; no number is guessed.
 */
import { MAX_RESET_S, type Quota } from '@quartermaster/protocol'
import type { QuotaFile } from './connector-file.ts'
import type { UpstreamResponse } from './contract.ts'

type Headers = UpstreamResponse['headers']
type Policy = QuotaFile['policies'][string]

/** `Retry-After` is seconds, but some senders mean milliseconds: nobody asks for more than ten minutes in seconds. */
const LONGEST_SECONDS = 600

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : undefined
}

/** Every quota that the answer speaks about, in the order of the file. */
export function readQuotas(file: QuotaFile, headers: Headers): Quota[] {
  return Object.entries(file.policies).flatMap(([policy, rule]) => {
    const pair = readPair(rule, headers)
    const limit = pair?.limit ?? amount(rule.limit, headers)
    const remaining = pair?.remaining ?? amount(rule.remaining, headers)
    const resetS = seconds(rule.reset, headers)
    const windowS = seconds(rule.window, headers) ?? rule.window_s
    if (limit === undefined && remaining === undefined) return []
    return [
      {
        policy,
        ...(limit === undefined ? {} : { limit }),
        ...(remaining === undefined ? {} : { remaining: limit === undefined ? remaining : Math.min(remaining, limit) }),
        ...(resetS === undefined ? {} : { resetS }),
        ...(windowS === undefined || windowS < 1 ? {} : { windowS }),
      },
    ]
  })
}

function amount(source: Policy['limit'], headers: Headers): number | undefined {
  return source && count(headers[source.header])
}

/** Epochs are compared with the answer's own `Date`, not with a clock that may differ from the system's. */
function seconds(source: Policy['reset'], headers: Headers): number | undefined {
  const value = source && count(headers[source.header])
  if (source === undefined || value === undefined) return undefined
  if (source.unit === 'milliseconds') return Math.ceil(value / 1000)
  if (source.unit === 'seconds') return value
  const now = Date.parse(headers['date'] ?? '')
  return Number.isNaN(now) ? undefined : Math.min(MAX_RESET_S, Math.max(0, value - Math.floor(now / 1000)))
}

/** `api-usage=18/5000; per-app-api-usage=17/250(appName=x)`: used and limit of the wanted key. Others are skipped. */
function readPair(rule: Policy, headers: Headers): { limit: number; remaining: number } | undefined {
  if (!rule.pair) return undefined
  for (const part of (headers[rule.pair.header] ?? '').slice(0, 1_000).split(';')) {
    const [key, value = ''] = part.split('=', 2)
    if (key?.trim() !== rule.pair.key) continue
    const [used, limit] = (value.split('(', 1)[0] ?? '').split('/').map(count)
    if (used !== undefined && limit !== undefined) return { limit, remaining: Math.max(0, limit - used) }
  }
  return undefined
}

/** Seconds to wait as the answer says, at most a day. Dates are understood relative to the answer's own `Date`. */
export function readRetryAfter(file: QuotaFile, headers: Headers): number | undefined {
  const text = file.retry_after && headers[file.retry_after.header]
  if (!text) return undefined
  const value = count(text)
  if (value !== undefined) return Math.min(MAX_RESET_S, value > LONGEST_SECONDS ? Math.ceil(value / 1000) : value)
  if (!/^[A-Z][a-z]{2}, /.test(text)) return undefined
  const wait = Math.ceil((Date.parse(text) - Date.parse(headers['date'] ?? '')) / 1000)
  return Number.isNaN(wait) ? undefined : Math.min(MAX_RESET_S, Math.max(0, wait))
}
