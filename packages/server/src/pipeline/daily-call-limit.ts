/**
 * @module
 * Guard: a URL with a daily budget makes so many calls on a day (UTC), whichever process they come to, and whatever was
 * restarted meanwhile. What an agent that runs in circles costs is bounded, even when it never goes fast.
 */
import { fail } from '@quartermaster/protocol'
import type { UrlCallStore } from '../store/url-calls.ts'
import { type Answer, type Call, refuse } from './call.ts'
import type { Guard, Next } from './compose.ts'

const DAY_MS = 86_400_000

/** Calls that are refused by this guard, or by one before it, cost nothing. */
export function dailyCallLimit(
  store: UrlCallStore,
  now: () => number,
): Guard<'dailyCallLimit', Call, object, 'inboundLimit'> {
  const run = async ({ access: { server } }: Call, next: Next<object>): Promise<Answer> => {
    const most = [server.config, ...(server.ancestorConfigs ?? [])].map((config) => config.max_calls_per_day)
    if (most.every((one) => one === undefined)) return next()
    const at = now()
    const spent = await store.take(server.id, most, Math.floor(at / DAY_MS))
    if (spent === undefined) return next()
    const retryAfterS = Math.ceil((DAY_MS - (at % DAY_MS)) / 1_000)
    const failure = fail(
      'rate_limited',
      `429 Too Many Requests: this URL, with those derived from it, may make ${spent} calls a day`,
      'Stop, and report what you have. The next call is possible after midnight UTC; only an administrator can allow more.',
      { retryAfterS },
    )
    return { ...refuse(failure), quotas: [{ policy: 'url-daily', limit: spent, remaining: 0, resetS: retryAfterS }] }
  }
  return { name: 'dailyCallLimit', after: ['inboundLimit'], run }
}
