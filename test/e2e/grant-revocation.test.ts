import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCatalog } from '@quartermaster/connectors'
import { createSandbox, listen } from '@quartermaster/sandbox'
import {
  connectAccount,
  createUpstream,
  grantRevoker,
  newKey,
  oauthClient,
  openStore,
  parseKeyRing,
  type TokenAnswer,
} from '@quartermaster/server'
import { expect, onTestFinished, test } from 'vitest'

const DAY = 86_400_000
const app = { clientId: 'sandbox-client', clientSecret: 'sandbox-secret' }
const person = { orgId: '1', userId: '2', org: 'Acme' }

/** A store with a clock, the faked vendors, and a revoker that works when it is told to. */
async function world(vendors?: { readonly url: string }, background = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'qm-revoke-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const store = await openStore(dir)
  onTestFinished(() => store.close())
  const clock = { at: Date.UTC(2026, 10, 22) }
  const now = () => clock.at
  const sandbox = createSandbox({ tenants: ['acme'], now, clients: [app] })
  const listening = await listen(sandbox)
  onTestFinished(() => listening.close())
  const url = vendors?.url ?? listening.url
  const ring = parseKeyRing(newKey(1))
  const catalog = loadCatalog()
  const upstream = createUpstream({ dangerouslyAllowPrivateAddresses: true })
  onTestFinished(() => upstream.close())
  const notes: string[] = []
  const revoker = (owner = store.owner) =>
    grantRevoker({
      revocations: store.revocations,
      ring,
      oauth: oauthClient(upstream),
      catalog,
      app: () => app,
      dangerousVendorBase: (tenant, system) => `${url}/${tenant}/${system}`,
      now,
      random: () => 0.5,
      owner,
      onAttempt: ({ note }) => void notes.push(note),
      onError: (_, error) => {
        throw error
      },
      ...background,
    })
  const connect = async (system: string, refreshToken: string | undefined, ring_ = ring) => {
    const connector = catalog.get(system)!
    const kept = { instance_url: `${url}/acme/${system}` }
    const answer: TokenAnswer = { accessToken: 'at', refreshToken, expiresInS: 1800, scopes: undefined, kept }
    const parts = { store: store.accounts, ring: ring_, now, random: () => 0.5 }
    const dangerousVendorBase = (tenant: string, which: string) => `${url}/${tenant}/${which}`
    return connectAccount({ ...parts, dangerousVendorBase }, { tenant: 'acme', connector, label: system, answer })
  }
  const state = async (id: string) => ({
    reason: (await store.accounts.find(id))?.reason,
    kept: (await store.accounts.grant(id)) !== undefined,
    pending: await store.revocations.pending(),
  })
  /** Whether the vendor still takes a refresh token. */
  const lives = async (system: string, refreshToken: string) => {
    const path = catalog.get(system)!.auth.tokenUrl.replace(/^https:\/\/[^/]+/, '')
    const form = {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: app.clientId,
      client_secret: app.clientSecret,
    }
    return (await fetch(`${url}/acme/${system}${path}`, { method: 'POST', body: new URLSearchParams(form) })).ok
  }
  return { store, clock, sandbox, revoker, notes, connect, state, lives }
}

test.each(['hubspot', 'salesforce'])(
  '%s: a removed account takes its grant back there, and keeps nothing here',
  async (system) => {
    const { store, sandbox, revoker, notes, connect, state, lives, clock } = await world()
    const { refreshToken } = sandbox.control('acme', system).signIn({ scope: 'api refresh_token' })
    const account = await connect(system, refreshToken)
    expect(await lives(system, refreshToken!)).toBe(true)
    await store.accounts.disconnect(account.id, clock.at)
    expect(await state(account.id)).toEqual({ reason: 'revoking', kept: true, pending: 1 })
    expect(await revoker().tick()).toBe(1)
    expect(notes).toEqual(['agreed'])
    expect(await lives(system, refreshToken!)).toBe(false)
    expect(await state(account.id)).toEqual({ reason: 'revoked', kept: false, pending: 0 })
    expect(await revoker().tick()).toBe(0)

    // A token that was taken back there already is as good as one that we have taken back.
    const again = await connect(system, refreshToken)
    await store.accounts.disconnect(again.id, clock.at)
    await revoker().tick()
    expect(notes.at(-1)).toBe('unknown_there')
    expect(await state(again.id)).toEqual({ reason: 'revoked', kept: false, pending: 0 })
  },
)

test('a grant that another account lives on is not taken back before the last of them is removed', async () => {
  const { store, sandbox, revoker, notes, connect, state, lives, clock } = await world()
  const { refreshToken } = sandbox.control('acme', 'hubspot').signIn({ scope: 'api refresh_token' })
  const [first, second] = [await connect('hubspot', refreshToken), await connect('hubspot', refreshToken)]
  await store.accounts.disconnect(first.id, clock.at)
  await revoker().tick()
  expect(notes).toEqual(['shared'])
  expect(await lives('hubspot', refreshToken!)).toBe(true)
  expect(await state(first.id)).toEqual({ reason: 'removed', kept: false, pending: 0 })
  await store.accounts.disconnect(second.id, clock.at)
  await revoker().tick()
  expect(notes).toEqual(['shared', 'agreed'])
  expect(await lives('hubspot', refreshToken!)).toBe(false)
})

test('the same user of the same organisation is the same grant, whatever its tokens look like', async () => {
  const { store, revoker, notes, connect, clock } = await world()
  const [first, second] = [await connect('hubspot', 'rt-1'), await connect('hubspot', 'rt-2')]
  for (const { id } of [first, second]) await store.connections.setIdentity(id, person)
  await store.accounts.disconnect(first.id, clock.at)
  await revoker().tick()
  expect(notes).toEqual(['shared'])
})

test('what the vendor does not answer is repeated for a day, and then forgotten here all the same', async () => {
  let asked = 0
  const server = createServer((request, response) => {
    request.resume()
    asked += 1
    // Broken in turn: no answer, an error page, our client refused.
    if (asked % 3 === 0) request.socket.destroy()
    else response.writeHead(asked % 3 === 1 ? 502 : 401, { 'content-type': 'text/html' }).end('<html>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const broken = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  const { store, clock, revoker, notes, connect, state } = await world(broken)
  const account = await connect('salesforce', 'rt-1')
  await store.accounts.disconnect(account.id, clock.at)
  const startedAt = clock.at
  while ((await store.revocations.pending()) > 0) {
    expect((await state(account.id)).kept).toBe(true)
    await revoker().tick()
    // Not due again at once.
    expect(await revoker().tick()).toBe(0)
    clock.at += 60_000
    while ((await store.revocations.pending()) > 0 && (await revoker().tick()) === 0 && clock.at < startedAt + 3 * DAY)
      clock.at += 600_000
  }
  expect(notes).toHaveLength(9)
  expect(asked).toBe(9)
  expect(new Set(notes)).toEqual(new Set(['refused', 'no_answer']))
  expect(clock.at - startedAt).toBeGreaterThan(DAY)
  expect(clock.at - startedAt).toBeLessThan(1.5 * DAY)
  expect(await state(account.id)).toEqual({ reason: 'not_revoked', kept: false, pending: 0 })
})

test('a process that dies in between loses nothing: another one takes over when its lease has ended', async () => {
  const { store, clock, sandbox, revoker, connect, state, lives } = await world()
  const { refreshToken } = sandbox.control('acme', 'salesforce').signIn({ scope: 'api refresh_token' })
  const account = await connect('salesforce', refreshToken)
  await store.accounts.disconnect(account.id, clock.at)
  const claim = { owner: 'dead:1:1:x', until: clock.at + 30_000, now: clock.at, limit: 8 }
  expect(await store.revocations.claim(claim)).toHaveLength(1)
  expect(await revoker().tick()).toBe(0)
  clock.at += 30_000
  expect(await revoker().tick()).toBe(1)
  expect(await lives('salesforce', refreshToken!)).toBe(false)
  expect(await store.revocations.finish(account.id, claim.owner, 'not_revoked')).toBe(false)
  expect((await state(account.id)).reason).toBe('revoked')
  const stopped = revoker()
  await stopped.stop()
  expect(await stopped.tick()).toBe(0)
})

test('a grant that does not open is forgotten; one whose key is missing waits for the key', async () => {
  const { store, clock, revoker, notes, connect, state } = await world()
  const [foreign, missing] = [parseKeyRing(newKey(1)), parseKeyRing(newKey(7))]
  const [closed, keyless] = [await connect('hubspot', 'rt-1', foreign), await connect('hubspot', 'rt-2', missing)]
  for (const { id } of [closed, keyless]) await store.accounts.disconnect(id, clock.at)
  await revoker().tick()
  expect([...notes].sort()).toEqual(['does_not_open', 'key_missing'])
  expect(await state(closed.id)).toEqual({ reason: 'not_revoked', kept: false, pending: 1 })
  expect(await state(keyless.id)).toEqual({ reason: 'revoking', kept: true, pending: 1 })
})

test('many accounts removed at once are taken back in one go', async () => {
  const { store, clock, sandbox, revoker, notes, connect, lives } = await world()
  const tokens: string[] = []
  for (let nth = 0; nth < 30; nth++) {
    const { refreshToken } = sandbox.control('acme', 'salesforce').signIn({ scope: 'api refresh_token' })
    tokens.push(refreshToken!)
    await connect('salesforce', refreshToken)
  }
  const order = { urls: true, apiTokens: true, accounts: true }
  expect(await store.revokeTenant('acme', order, clock.at)).toMatchObject({ accounts: 30 })
  expect(await revoker().tick()).toBe(30)
  expect(new Set(notes)).toEqual(new Set(['agreed']))
  for (const token of tokens) expect(await lives('salesforce', token)).toBe(false)
})
