/**
 * @module
 * Somebody who can write the database but has no key: rows are swapped, rolled back, cut and forged, on both stores.
 * What was tampered with is never served, and what was not is.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FailureError } from '@quartermaster/protocol'
import { createTestDatabase, testDatabaseServer } from '@quartermaster/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectAccount } from '../accounts/connect-account.ts'
import { openPending, openVerifier, sealPending, sealVerifier } from '../connect/sealed-step.ts'
import type { ConnectSession } from '../entities/connect-session.ts'
import { type KeyRing, newKey, parseKeyRing } from '../keys/key-ring.ts'
import { notifier } from '../notify/notifier.ts'
import { newWebhookSecret, sealSecret } from '../notify/webhook-secret.ts'
import { createUpstream } from '../outbound/upstream.ts'
import { openStore, type Store } from '../store/open.ts'
import { openPostgresStore } from '../store/open-postgres.ts'
import { circuitBreaker } from './circuit-breaker.ts'
import { sealGrant } from './grant.ts'
import { tokenSource } from './token-source.ts'

interface Place {
  readonly store: Store
  /** Writes behind the store's back. */
  run(statement: string): Promise<unknown>
}

async function onSqlite(): Promise<Place> {
  const dir = mkdtempSync(join(tmpdir(), 'qm-tamper-'))
  const store = await openStore(dir)
  onTestFinished(async () => {
    await store.close()
    rmSync(dir, { recursive: true })
  })
  const run = async (statement: string) => {
    const database = new DatabaseSync(join(dir, 'quartermaster.db'))
    database.exec(statement)
    database.close()
  }
  return { store, run }
}

async function onPostgres(): Promise<Place> {
  const database = await createTestDatabase()
  const store = await openPostgresStore(database.url)
  onTestFinished(async () => {
    await store.close()
    await database.drop()
  })
  return { store, run: (statement) => database.run(statement) }
}

const NOW = 1_700_000_000_000
const connector = {
  id: 'crm',
  label: 'CRM',
  api: { base: 'https://a.example', hosts: ['a.example'] },
} as never

function connect({ store }: Place, ring: KeyRing, tenant: string, accessToken: string) {
  return connectAccount(
    { store: store.accounts, ring, now: () => NOW, random: () => 0.5 },
    {
      tenant,
      connector,
      label: 'CRM',
      answer: { accessToken, refreshToken: 'rt', expiresInS: 9_000, scopes: undefined, kept: {} },
    },
  )
}

function source({ store }: Place, ring: KeyRing) {
  return tokenSource({
    store: store.accounts,
    refreshes: store.refreshes,
    ring,
    oauth: undefined as never,
    breaker: circuitBreaker(),
    authority: () => undefined,
    clock: { now: () => NOW, sleep: async () => {} },
    random: () => 0.5,
    owner: store.owner,
    isDead: store.isDead,
  })
}

/** Both dialects take bytes in hexadecimal, each in its own way. */
const bytes = (postgres: boolean, sealed: Uint8Array) => {
  const hex = Buffer.from(sealed).toString('hex')
  return postgres ? `'\\x${hex}'::bytea` : `x'${hex}'`
}

describe.each([
  ['SQLite', false],
  ['PostgreSQL', true],
] as const)('on %s', (_name, postgres) => {
  const gate = test.skipIf(postgres && testDatabaseServer === undefined)
  const open = () => (postgres ? onPostgres() : onSqlite())

  gate(
    'a grant that was swapped, rolled back, cut or forged is quarantined, and the one beside it is served',
    async () => {
      const place = await open()
      const { accounts } = place.store
      const ring = parseKeyRing(newKey(1))
      const donor = await connect(place, ring, 'acme', 'at-donor')
      const foreign = await connect(place, ring, 'globex', 'at-foreign')
      const sealedOf = async (id: string) => (await accounts.grant(id))?.sealed ?? new Uint8Array()
      const secretOf = (sealed: Uint8Array, more = '') =>
        `update account_secret set sealed = ${bytes(postgres, sealed)}${more}`
      const [other, others] = [await sealedOf(donor.id), await sealedOf(foreign.id)]
      const grant = { accessToken: 'at-forged', refreshToken: 'rt', expiresAt: NOW + 9e6 }
      const tamper: Readonly<Record<string, (sealed: Uint8Array, id: string) => string>> = {
        'taken from another account of the tenant': () => secretOf(other),
        'taken from another tenant': () => secretOf(others),
        'sealed for an older version': (_, id) =>
          secretOf(sealGrant(ring, { tenant: 'acme', accountId: id }, 0, grant).sealed),
        'rolled back with its version': (_, id) =>
          secretOf(sealGrant(ring, { tenant: 'acme', accountId: id }, 0, grant).sealed, ', ver = 0'),
        'sealed with another key': (_, id) =>
          secretOf(sealGrant(parseKeyRing(newKey(1)), { tenant: 'acme', accountId: id }, 1, grant).sealed),
        'with a tag of four bytes': (sealed) => secretOf(Buffer.concat([sealed.subarray(0, 18), sealed.subarray(30)])),
        'with one bit changed': (sealed) => secretOf(sealed.map((byte, at) => (at === 40 ? byte ^ 1 : byte))),
        'with another format': (sealed) => secretOf(sealed.map((byte, at) => (at === 0 ? byte + 1 : byte))),
        'cut off': (sealed) => secretOf(sealed.subarray(0, 20)),
        empty: () => secretOf(new Uint8Array()),
      }
      for (const [name, change] of Object.entries(tamper)) {
        const account = await connect(place, ring, 'acme', 'at-own')
        expect([name, (await source(place, ring).token(account)).value]).toEqual([name, 'at-own'])
        await place.run(`${change(await sealedOf(account.id), account.id)} where account_id = '${account.id}'`)
        const error = await source(place, ring)
          .token(account)
          .catch((thrown: unknown) => thrown)
        expect([name, error instanceof FailureError]).toEqual([name, true])
        expect([name, (await accounts.find(account.id))?.status]).toEqual([name, 'quarantined'])
      }
      expect((await source(place, ring).token(donor)).value).toBe('at-donor')
      expect((await source(place, ring).token(foreign)).value).toBe('at-foreign')
    },
  )

  gate('without its key a grant is not served, and is not condemned either', async () => {
    const place = await open()
    const account = await connect(place, parseKeyRing(newKey(1)), 'acme', 'at-own')
    const error = await source(place, parseKeyRing(newKey(2)))
      .token(account)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(FailureError)
    expect((await place.store.accounts.find(account.id))?.status).toBe('active')
  })

  gate('a webhook secret of another endpoint, or a changed one, signs nothing', async () => {
    const place = await open()
    const { store } = place
    const ring = parseKeyRing(newKey(1))
    const heard: string[] = []
    const server = createServer((request, response) => {
      heard.push(request.url ?? '')
      request.resume().on('end', () => response.writeHead(204).end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const upstream = createUpstream({ dangerouslyAllowPrivateAddresses: true })
    onTestFinished(async () => {
      await upstream.close()
      server.close()
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const ids = ['swapped', 'changed', 'untouched'].map((name) => `whe_${name.padStart(16, '0')}`)
    for (const id of ids) {
      const endpoint = { id, tenant: 'acme', url: `${url}/${id}`, createdAt: NOW, disabledAt: undefined }
      await store.endpoints.insert(endpoint, sealSecret(ring, { tenant: 'acme', id }, newWebhookSecret()))
    }
    const [swapped = '', changed = '', untouched = ''] = ids
    const stolen = `(select sealed from webhook_endpoint where id = '${untouched}')`
    await place.run(`update webhook_endpoint set sealed = ${stolen} where id = '${swapped}'`)
    await place.run(`update webhook_endpoint set sealed = 'AAAA' || sealed where id = '${changed}'`)
    const account = await connect(place, ring, 'acme', 'at-own')
    await store.refreshes.markNeedsReauth(account.id, 1, { reason: 'revoked', at: NOW, probeAt: NOW + 1e9 })
    const outcomes: string[] = []
    const bell = notifier({
      outbox: store.outbox,
      endpoints: store.endpoints,
      ring,
      upstream,
      now: () => NOW,
      random: () => 0.5,
      owner: 'bell',
      onDelivery: ({ endpointId, outcome }) => void outcomes.push(`${endpointId} ${outcome}`),
      onError: (error) => {
        throw error
      },
    })
    await bell.tick()
    expect(outcomes.sort()).toEqual([`${changed} failed`, `${swapped} failed`, `${untouched} delivered`].sort())
    expect(heard).toEqual([`/${untouched}`])
  })

  gate('a step of connecting that was sealed for another session, tenant or step does not open', async () => {
    const place = await open()
    const { connectSessions } = place.store
    const ring = parseKeyRing(newKey(1))
    const make = async (id: string, tenant: string) => {
      const session: ConnectSession = {
        id,
        tenant,
        system: 'crm',
        accountId: undefined,
        label: undefined,
        scopes: [],
        returnUrl: undefined,
        status: 'open',
        reason: undefined,
        cookieHash: undefined,
        sealed: undefined,
        stepUntil: 0,
        createdAt: NOW,
        expiresAt: NOW + 1e6,
      }
      await connectSessions.insert(session, `token-${id}`, NOW)
      const sealed = sealVerifier(ring, session, `verifier-${id}`)
      const step = { cookieHash: 'c', stateHash: `state-${id}`, sealed, until: NOW + 1e6 }
      expect(await connectSessions.begin(id, step, NOW)).toBe(true)
      return session
    }
    const [mine, other] = [await make('cs_1', 'acme'), await make('cs_2', 'acme')]
    const foreign = await make('cs_3', 'globex')
    const read = async () => {
      const session = await connectSessions.find('cs_1')
      if (!session) throw new Error('Cannot find the session')
      return session
    }
    expect(openVerifier(ring, await read())).toBe('verifier-cs_1')
    expect(openVerifier(parseKeyRing(newKey(1)), await read())).toBeUndefined()
    expect(openPending(ring, await read())).toBeUndefined()
    for (const { id } of [other, foreign]) {
      const stolen = `(select sealed from connect_session where id = '${id}')`
      await place.run(`update connect_session set sealed = ${stolen} where id = 'cs_1'`)
      expect(openVerifier(ring, await read())).toBeUndefined()
    }
    const identity = { userId: 'u', user: 'u', orgId: 'o', org: 'o' }
    const answer = { accessToken: 'at', refreshToken: undefined, expiresInS: 60, scopes: undefined, kept: {} }
    const pending = sealPending(ring, mine, { answer, identity, obtainedAt: NOW })
    await place.run(`update connect_session set sealed = '${pending}' where id = 'cs_1'`)
    expect(openVerifier(ring, await read())).toBeUndefined()
    expect(openPending(ring, await read())?.answer.accessToken).toBe('at')
  })
})
