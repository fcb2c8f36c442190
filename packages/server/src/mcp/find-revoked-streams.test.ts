/** @module Streams stand on the very secrets that opened them; the store is real, the clock is the test's. */
import { mcpServerConfig } from '@quartermaster/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { sampleAccess, sampleMethod } from '../../test/sample-tools.ts'
import { sampleAccount, sampleGrant, sampleTimes } from '../../test/store/samples.ts'
import { rotateMcpServer } from '../admin/rotate-mcp-server.ts'
import { hashToken } from '../keys/tokens.ts'
import { openStore } from '../store/open.ts'
import { findRevokedStreams } from './find-revoked-streams.ts'
import { sseSessions } from './sse-sessions.ts'

/** Less than the hour after which an unused stream ends by itself. */
const OVERLAP_S = 1_200
const URL_TOKEN = 'the first token of the URL'
const API_TOKEN = 'the first secret of the API token'

async function house() {
  let now = 1_000_000
  let opened = 0
  const store = await openStore(undefined)
  const { server: sample, ...sampled } = sampleAccess([sampleMethod()])
  const account = sampleAccount()
  const server = {
    ...sample,
    tenant: account.tenant,
    accountId: account.id,
    config: mcpServerConfig.parse({}),
    createdAt: now,
    expiresAt: now + 86_400_000,
    revokedAt: undefined,
  }
  const bearer = { id: 'tok_1', tenant: account.tenant, name: 'ci', scopes: ['runtime'], createdAt: now } as const
  await store.accounts.insert(account, sampleGrant(1, 1), sampleTimes)
  await store.servers.insert(server, hashToken(URL_TOKEN))
  await store.apiTokens.insert({ ...bearer, revokedAt: undefined }, hashToken(API_TOKEN))
  const sessions = sseSessions({
    endpoint: {
      invoke: async () => ({ ok: true, records: [], quotas: [] }),
      serverInfo: { name: 'quartermaster', version: '0' },
      requestId: () => 'req_1',
    },
    now: () => now,
    random: () => 1_000,
    newSessionId: () => `session${++opened}`,
    findRevoked: findRevokedStreams(store, () => now),
    onError: (error) => expect.unreachable(String(error)),
  })
  onTestFinished(async () => {
    await sessions.close()
    await store.close()
  })
  return {
    store,
    open(urlToken: string, apiToken?: string) {
      const actor = apiToken === undefined ? {} : { actor: bearer.id }
      const factor = apiToken === undefined ? {} : { factorHash: hashToken(apiToken) }
      const credentials = { access: { ...sampled, server, ...actor }, urlHash: hashToken(urlToken), ...factor }
      return sessions.open(credentials, () => '/messages')
    },
    rotate: (overlapS: number) => rotateMcpServer(store.servers, server, overlapS, { now, publicUrl: '' }),
    async leftAfter(seconds: number) {
      now += seconds * 1_000
      await sessions.tick()
      return sessions.size()
    },
  }
}

test('findRevokedStreams() lets a stream stand while the rotated token that opened it does, and not longer', async () => {
  const { open, rotate, leftAfter } = await house()
  const old = open(URL_TOKEN)
  const next = await rotate(OVERLAP_S)
  open(next?.token ?? '')
  expect(await leftAfter(OVERLAP_S - 1)).toBe(2)
  expect(await leftAfter(1)).toBe(1)
  // The one that ended is the one that the old token had opened.
  expect(await old.text()).toContain('event: endpoint')
  expect(await leftAfter(OVERLAP_S - 1)).toBe(1)
})

test('findRevokedStreams() ends a stream at once when its token is the one before the old one, or has no overlap', async () => {
  const { open, rotate, leftAfter } = await house()
  open(URL_TOKEN)
  const second = await rotate(OVERLAP_S)
  open(second?.token ?? '')
  const third = await rotate(OVERLAP_S)
  open(third?.token ?? '')
  expect(await leftAfter(0)).toBe(2)
  await rotate(0)
  expect(await leftAfter(0)).toBe(0)
})

test('findRevokedStreams() looks at the secret of the API token in the same way', async () => {
  const { store, open, leftAfter } = await house()
  open(URL_TOKEN, API_TOKEN)
  const next = { tokenHash: hashToken('the second secret'), oldUntil: 1_000_000 + OVERLAP_S * 1_000 }
  await store.apiTokens.rotate('tok_1', next)
  open(URL_TOKEN, 'the second secret')
  expect(await leftAfter(OVERLAP_S - 1)).toBe(2)
  expect(await leftAfter(1)).toBe(1)
  await store.apiTokens.revoke('tok_1', 1_000_001)
  expect(await leftAfter(0)).toBe(0)
})
