/**
 * @module
 * One account whose access token has just expired, in a data directory that several processes may open, and an
 * authority that punishes reuse. For tests.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectorAuth } from '@quartermaster/connectors'
import { onTestFinished } from 'vitest'
import { connectAccount } from '../src/accounts/connect-account.ts'
import type { IntegratedAccount } from '../src/entities/account.ts'
import { type KeyRing, newKey, parseKeyRing } from '../src/keys/key-ring.ts'
import type { OAuthClient } from '../src/oauth/client.ts'
import type { TokenOutcome } from '../src/oauth/read-token-answer.ts'
import { openStore, type Store } from '../src/store/open.ts'
import { circuitBreaker } from '../src/vault/circuit-breaker.ts'
import type { Authority, RefreshDeps, RefreshEvent } from '../src/vault/refresh-deps.ts'

export type Answer = (refreshToken: string) => Promise<TokenOutcome>

/** An authority that rotates refresh tokens and revokes the whole family when an old one comes back. */
export function strictAuthority() {
  const state = { current: 'rt-0', issued: 0, reuses: 0, revoked: false }
  const answer = async (refreshToken: string): Promise<TokenOutcome> => {
    await new Promise((resolve) => setImmediate(resolve))
    if (state.revoked || refreshToken !== state.current) {
      state.reuses += 1
      state.revoked = true
      return { ok: false, means: 'dead' }
    }
    state.issued += 1
    state.current = `rt-${state.issued}`
    const accessToken = `at-${state.issued}`
    return {
      ok: true,
      answer: { accessToken, refreshToken: state.current, expiresInS: 1800, scopes: undefined, kept: {} },
    }
  }
  return { state, answer }
}

const auth = { keep: [], tokenErrors: [], defaultExpiresInS: 60 } as unknown as ConnectorAuth
const authority: Authority = {
  auth,
  endpoints: { token: 'https://a.example/token' },
  app: { clientId: 'c', clientSecret: 's' },
}

function clockAt(start: number) {
  const clock = {
    at: start,
    now: () => clock.at,
    // Time moves while somebody waits, and everybody else gets a turn.
    sleep: async (ms: number) => {
      clock.at += ms
      await new Promise<void>((resolve) => setImmediate(resolve))
    },
  }
  return clock
}

export interface Process extends RefreshDeps {
  readonly events: RefreshEvent[]
}

export interface World {
  /** The ring as text. */
  readonly keys: string
  readonly ring: KeyRing
  readonly clock: ReturnType<typeof clockAt>
  readonly store: Store
  readonly account: IntegratedAccount
  /** What a process of its own refreshes with. */
  process(answer: Answer, change?: Partial<Authority>): Promise<Process>
  connect(tenant?: string, refreshToken?: string | undefined): Promise<IntegratedAccount>
}

/** One account of the tenant `acme`, with `at-0` and `rt-0`, expired a millisecond ago. */
export async function expiredAccount(): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'qm-vault-'))
  const stores: Store[] = []
  onTestFinished(async () => {
    for (const store of stores) await store.close()
    rmSync(dir, { recursive: true })
  })
  const keys = newKey(1)
  const ring = parseKeyRing(keys)
  const clock = clockAt(1_700_000_000_000)
  const open = async () => {
    const store = await openStore(dir)
    stores.push(store)
    return store
  }
  const store = await open()
  const connect = (tenant = 'acme', refreshToken: string | undefined = 'rt-0') =>
    connectAccount(
      { store: store.accounts, ring, now: clock.now, random: () => 0.5 },
      {
        tenant,
        connector: { id: 'crm', label: 'CRM', api: { base: 'https://a.example', hosts: ['a.example'] } } as never,
        label: 'CRM',
        answer: { accessToken: 'at-0', refreshToken, expiresInS: 1800, scopes: undefined, kept: {} },
      },
    )
  const account = await connect()
  clock.at += 1_800_001
  return {
    keys,
    ring,
    clock,
    store,
    account,
    connect,
    process: async (answer, change = {}) => {
      const opened = await open()
      const events: RefreshEvent[] = []
      return {
        store: opened.accounts,
        refreshes: opened.refreshes,
        breaker: circuitBreaker(),
        ring,
        oauth: { refresh: ({ refreshToken }) => answer(refreshToken) } as OAuthClient,
        authority: () => ({ ...authority, ...change }),
        clock,
        random: () => 0.5,
        owner: opened.owner,
        isDead: opened.isDead,
        onEvent: (event) => void events.push(event),
        events,
      }
    },
  }
}
