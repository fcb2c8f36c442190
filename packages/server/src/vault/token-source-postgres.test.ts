import type { ConnectorAuth } from '@quartermaster/connectors'
import { createTestDatabase, testDatabaseServer } from '@quartermaster/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { connectAccount } from '../accounts/connect-account.ts'
import { newKey, parseKeyRing } from '../keys/key-ring.ts'
import type { OAuthClient } from '../oauth/client.ts'
import type { TokenOutcome } from '../oauth/read-token-answer.ts'
import { openPostgresStore } from '../store/open-postgres.ts'
import { systemClock } from '../time/clock.ts'
import { circuitBreaker } from './circuit-breaker.ts'
import { tokenSource } from './token-source.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const authority = () => ({
  auth: { keep: [], tokenErrors: [], defaultExpiresInS: 60 } as unknown as ConnectorAuth,
  endpoints: { token: 'https://a.example/token' },
  app: { clientId: 'c', clientSecret: 's' },
})

/** Rotates refresh tokens and revokes the whole family when an old one comes back. Takes a turn to answer. */
function strictAuthority() {
  const state = { current: 'rt-0', issued: 0, reuses: 0 }
  const refresh = async ({ refreshToken }: { refreshToken: string }): Promise<TokenOutcome> => {
    await new Promise((resolve) => setImmediate(resolve))
    if (refreshToken !== state.current || state.reuses > 0) {
      state.reuses += 1
      return { ok: false, means: 'dead' }
    }
    state.issued += 1
    state.current = `rt-${state.issued}`
    const answer = { refreshToken: state.current, expiresInS: 1800, scopes: undefined, kept: {} }
    return { ok: true, answer: { ...answer, accessToken: `at-${state.issued}` } }
  }
  return { state, oauth: { refresh } as unknown as OAuthClient }
}

describe.skipIf(testDatabaseServer === undefined)('token() on PostgreSQL', () => {
  test('refreshes once per expiry for 4 processes with 50 callers each, round after round', async () => {
    const database = await createTestDatabase()
    cleanups.push(() => database.drop())
    const ring = parseKeyRing(newKey(1))
    const { state, oauth } = strictAuthority()
    const processes = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const store = await openPostgresStore(database.url)
        cleanups.push(() => store.close())
        const { accounts, refreshes, owner, isDead } = store
        const breaker = circuitBreaker()
        const clock = systemClock
        return {
          accounts,
          source: tokenSource({
            store: accounts,
            refreshes,
            breaker,
            ring,
            oauth,
            authority,
            clock,
            random: Math.random,
            owner,
            isDead,
          }),
        }
      }),
    )
    const account = await connectAccount(
      { store: processes[0]!.accounts, ring, now: Date.now, random: Math.random },
      {
        tenant: 'acme',
        connector: { id: 'crm', label: 'CRM', api: { base: 'https://a.example', hosts: ['a.example'] } } as never,
        label: 'CRM',
        answer: { accessToken: 'at-0', refreshToken: 'rt-0', expiresInS: 1800, scopes: undefined, kept: {} },
      },
    )
    for (let round = 1; round <= 20; round++) {
      const tokens = await Promise.all(
        processes.flatMap(({ source }) => Array.from({ length: 50 }, () => source.token(account, round))),
      )
      expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set([`at-${round}`]))
      expect(state).toMatchObject({ issued: round, reuses: 0 })
    }
  })
})
