import { expect, test } from 'vitest'
import type { IntegratedAccount } from '../entities/account.ts'
import type { TokenAnswer } from '../oauth/read-token-answer.ts'
import type { GrantState } from '../store/accounts.ts'
import type { Grant } from './grant.ts'
import { nextState } from './next-state.ts'
import type { GrantWrite, NextState, RefreshOutcome, SeenState } from './refresh-outcome.ts'

const NOW = 1_700_000_000_000
const answer: TokenAnswer = {
  accessToken: 'at-1',
  refreshToken: 'rt-1',
  expiresInS: 1_800,
  scopes: undefined,
  kept: {},
}
const from: Grant = { accessToken: 'at-0', refreshToken: 'rt-0', expiresAt: NOW }

/** Every class of outcome, once. The type holds the table complete. */
const outcomes: { readonly [kind in RefreshOutcome['kind']]: Extract<RefreshOutcome, { readonly kind: kind }> } = {
  issued: { kind: 'issued', answer, from },
  dead: { kind: 'dead', reason: 'expired' },
  contention: { kind: 'contention' },
  client_refused: { kind: 'client_refused', waitMs: 60_000 },
  not_acted: { kind: 'not_acted', atLeastMs: 0 },
  unknown: { kind: 'unknown' },
  out_of_time: { kind: 'out_of_time' },
  postponed: { kind: 'postponed', until: NOW + 9_000 },
  no_client: { kind: 'no_client' },
  circuit_open: { kind: 'circuit_open', waitMs: 10_000 },
  not_renewable: { kind: 'not_renewable', reason: 'no_refresh_token' },
  unreadable: { kind: 'unreadable' },
  key_missing: { kind: 'key_missing' },
}

/** The states that decide anything. In each the grant is due, and the access token expires in 90 s if not said otherwise. */
const states = {
  usable: {},
  expired: { expiresAt: NOW },
  rejected: { rejected: true },
  /** Its system has just called it dead for the first time. */
  suspect: { suspectAt: NOW - 59_999 },
  /** The same a minute ago. */
  confirmed: { suspectAt: NOW - 60_000 },
  /** An earlier attempt never reported back. */
  unfinished: { attempts: 2, attemptedAt: NOW - 40_000, expiresAt: NOW },
  /** The first attempt, at an authority that takes a replaced refresh token again. */
  in_grace: { graceMs: 30_000 },
  after_grace: { graceMs: 30_000, attempts: 2, attemptedAt: NOW - 30_000 },
  /** The stored grant came from sending a refresh token twice. */
  replayed: { replayed: true, expiresAt: NOW },
  failing: { failures: 3 },
  /** It needs its user, and is tried once a day. */
  probed: { status: 'needs_reauth', expiresAt: NOW },
} as const satisfies Record<string, StateChange>

interface StateChange {
  readonly status?: IntegratedAccount['status']
  readonly expiresAt?: number
  readonly rejected?: boolean
  readonly suspectAt?: number
  readonly attempts?: number
  readonly attemptedAt?: number
  readonly graceMs?: number
  readonly replayed?: boolean
  readonly failures?: number
}

function seenIn(change: StateChange, account: Partial<IntegratedAccount> = {}): SeenState {
  const { status = 'active', expiresAt = NOW + 90_000, attempts = 1, attemptedAt = NOW, graceMs = 0 } = change
  const row: GrantState = {
    account: {
      id: 'acc_1',
      tenant: 'acme',
      system: 'crm',
      label: 'CRM',
      status,
      reason: undefined,
      scopes: ['read', 'write'],
      apiBase: 'https://a.example',
      createdAt: 0,
      ...account,
    },
    ver: 1,
    times: { expiresAt, refreshAt: NOW - 1 },
    leaseOwner: 'me',
    leaseUntil: NOW + 10_000,
    attempts,
    attemptedAt,
    failures: change.failures ?? 0,
    retryAt: NOW - 500,
    suspectAt: change.suspectAt ?? 0,
    replayed: change.replayed ?? false,
    usedAt: NOW,
    epoch: 0,
  }
  return { row, startedAt: NOW, attempts, rejected: change.rejected ?? false, graceMs, random: 0.5 }
}

/** One line: the write, the event, the result. Times are seconds from now. */
function inWords({ write, event, result }: NextState): string {
  const wait = 'waitMs' in result ? ` ${result.waitMs / 1_000}s` : ''
  return [writeInWords(write), event?.outcome ?? 'no event', result.outcome + wait].join(' | ')
}

function writeInWords(write: GrantWrite): string {
  const at = (ms: number) => (ms > NOW * 2 ? 'never' : `${(ms - NOW) / 1_000}s`)
  switch (write.op) {
    case 'release_lease': {
      const retry = write.retryAt === 0 ? '' : `, callers ${at(write.retryAt)}`
      const suspect = write.suspectAt === 0 ? '' : `, suspect ${at(write.suspectAt)}`
      const counts = `${write.keepAttempt ? ', attempt stays' : ''}${write.failed ? ', failed' : ''}`
      return `release: due ${at(write.refreshAt)}${retry}${counts}${suspect}`
    }
    case 'mark_needs_reauth':
      return `needs_reauth ${write.reason}: probe ${at(write.probeAt)}`
    case 'store_grant':
      return `store: expires ${at(write.times.expiresAt)}${write.healedAt === undefined ? '' : ', healed'}`
    default:
      return write.op
  }
}

type Row = { readonly usual: string } & { readonly [state in keyof typeof states]?: string }

/** What follows from an outcome in the states that it does not name is `usual`. */
const table: { readonly [kind in RefreshOutcome['kind']]: Row } = {
  issued: {
    usual: 'store: expires 1800s | refreshed | refreshed',
    probed: 'store: expires 1800s, healed | healed | refreshed',
  },
  dead: {
    usual: 'release: due 65s, callers 65s, suspect 0s | suspect | unavailable 60s',
    expired: 'needs_reauth expired: probe 3600s | needs_reauth | changed',
    rejected: 'needs_reauth expired: probe 3600s | needs_reauth | changed',
    suspect: 'release: due 65s, callers 65s, suspect -59.999s | suspect | unavailable 60s',
    confirmed: 'needs_reauth expired: probe 3600s | needs_reauth | changed',
    unfinished: 'needs_reauth lost_rotation: probe 3600s | needs_reauth | changed',
    replayed: 'needs_reauth lost_rotation: probe 3600s | needs_reauth | changed',
    probed: 'release: due 86400s | no event | changed',
  },
  contention: {
    usual: 'release: due 0.625s, failed | contended | contended',
    suspect: 'release: due 0.625s, failed, suspect -59.999s | contended | contended',
    confirmed: 'release: due 0.625s, failed, suspect -60s | contended | contended',
    failing: 'release: due 5s, failed | contended | contended',
    probed: 'release: due 86400s, failed | contended | contended',
  },
  client_refused: {
    usual: 'release: due 65s | client_refused | unavailable 60s',
    suspect: 'release: due 65s, suspect -59.999s | client_refused | unavailable 60s',
    confirmed: 'release: due 65s, suspect -60s | client_refused | unavailable 60s',
    probed: 'release: due 86400s | client_refused | unavailable 60s',
  },
  not_acted: {
    usual: 'release: due 5s, callers 0.75s, failed | unavailable | unavailable 0.75s',
    suspect: 'release: due 5s, callers 0.75s, failed, suspect -59.999s | unavailable | unavailable 0.75s',
    confirmed: 'release: due 5s, callers 0.75s, failed, suspect -60s | unavailable | unavailable 0.75s',
    failing: 'release: due 40s, callers 6s, failed | unavailable | unavailable 6s',
    probed: 'release: due 86400s, failed | unavailable | unavailable 0.75s',
  },
  unknown: {
    usual: 'release: due 5s, callers 0.75s, attempt stays, failed | unknown | unavailable 0.75s',
    usable: 'release: due 90s, callers 0.75s, attempt stays, failed | unknown | unavailable 0.75s',
    suspect: 'release: due 90s, callers 0.75s, attempt stays, failed, suspect -59.999s | unknown | unavailable 0.75s',
    confirmed: 'release: due 90s, callers 0.75s, attempt stays, failed, suspect -60s | unknown | unavailable 0.75s',
    in_grace: 'release: due 0.75s, callers 0.25s, attempt stays, failed | unknown | unavailable 0.25s',
    after_grace: 'release: due 90s, callers 0.75s, attempt stays, failed | unknown | unavailable 0.75s',
    failing: 'release: due 90s, callers 6s, attempt stays, failed | unknown | unavailable 6s',
    probed: 'release: due 86400s, attempt stays, failed | unknown | unavailable 0.75s',
  },
  out_of_time: {
    usual: 'undo_lease | no event | taken',
  },
  postponed: {
    usual: 'release: due 9s, callers -0.5s | no event | changed',
    suspect: 'release: due 9s, callers -0.5s, suspect -59.999s | no event | changed',
    confirmed: 'release: due 9s, callers -0.5s, suspect -60s | no event | changed',
  },
  no_client: {
    usual: 'undo_lease | no event | unavailable 60s',
  },
  circuit_open: {
    usual: 'release: due 11s | no event | unavailable 10s',
    suspect: 'release: due 11s, suspect -59.999s | no event | unavailable 10s',
    confirmed: 'release: due 11s, suspect -60s | no event | unavailable 10s',
  },
  not_renewable: {
    usual: 'release: due 90s, callers 90s | no event | changed',
    expired: 'needs_reauth no_refresh_token: probe never | needs_reauth | changed',
    rejected: 'needs_reauth no_refresh_token: probe never | needs_reauth | changed',
    unfinished: 'needs_reauth no_refresh_token: probe never | needs_reauth | changed',
    replayed: 'needs_reauth no_refresh_token: probe never | needs_reauth | changed',
    probed: 'needs_reauth no_refresh_token: probe never | needs_reauth | changed',
  },
  unreadable: {
    usual: 'quarantine | quarantined | changed',
  },
  key_missing: {
    usual: 'undo_lease | no event | key_missing',
  },
}

const cells = Object.values(outcomes).flatMap((outcome) =>
  Object.entries(states).map(([state, change]) => {
    const { usual, ...named } = table[outcome.kind]
    return { outcome, state, change, expected: (named as Readonly<Record<string, string>>)[state] ?? usual }
  }),
)

test.each(cells)('nextState() after $outcome.kind, seen $state', ({ outcome, change, expected }) => {
  const seen = seenIn(change)
  const before = structuredClone(seen)
  expect(inWords(nextState(outcome, seen, NOW))).toBe(expected)
  expect(seen).toEqual(before)
})

test('what a token answer says of the account is stored and reported when it is new, and a foreign host is only reported', () => {
  const after = (said: Partial<TokenAnswer>, apiBase?: { readonly named: string | undefined }) => {
    const issued = { kind: 'issued', from, answer: { ...answer, ...said }, ...(apiBase ? { apiBase } : {}) } as const
    const { write, event } = nextState(issued, seenIn({}), NOW)
    if (write.op !== 'store_grant') throw new Error('Cannot go on: nothing is stored')
    return { scopes: write.scopes, apiBase: write.apiBase, changed: event?.changed }
  }
  const nothing = { scopes: undefined, apiBase: undefined, changed: undefined }
  expect(after({})).toEqual(nothing)
  expect(after({ scopes: ['write', 'read'] }, { named: 'https://a.example' })).toEqual(nothing)
  expect(after({ scopes: ['read'] })).toEqual({ ...nothing, scopes: ['read'], changed: ['scopes'] })
  expect(after({}, { named: 'https://b.example' })).toEqual({
    ...nothing,
    apiBase: 'https://b.example',
    changed: ['api_base'],
  })
  expect(after({ scopes: [] }, { named: undefined })).toEqual({
    ...nothing,
    scopes: [],
    changed: ['scopes', 'foreign_host'],
  })
})

test('the new grant keeps the old refresh token when the answer holds none, and how it is renewed', () => {
  const renewal = { kind: 'client_credentials', clientId: 'c', clientSecret: 's' } as const
  const stored = (refreshToken: string | undefined) =>
    nextState({ kind: 'issued', from: { ...from, renewal }, answer: { ...answer, refreshToken } }, seenIn({}), NOW)
      .write
  const grant = { accessToken: 'at-1', renewal, expiresAt: NOW + 1_800_000 }
  expect(stored(undefined)).toMatchObject({ grant: { ...grant, refreshToken: 'rt-0' } })
  expect(stored('rt-1')).toMatchObject({ grant: { ...grant, refreshToken: 'rt-1' } })
})

test('a system that says when to come back is not asked before, by callers or by the scheduler', () => {
  const { write, result } = nextState({ kind: 'not_acted', atLeastMs: 40_000 }, seenIn({}), NOW)
  expect(write).toMatchObject({ refreshAt: NOW + 40_000, retryAt: NOW + 40_000 })
  expect(result).toMatchObject({ waitMs: 40_000 })
})
