/** @module Proves the grant for signed assertions over HTTP: who may sign, for whom, and for how long. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { salesforce } from '../salesforce/salesforce.ts'
import { createSandbox } from '../sandbox.ts'

const origin = 'http://127.0.0.1:4000'

test('the JWT bearer grant takes assertions of a registered key, for the running user, that are short-lived', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { privateKey: foreign } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const clock = { now: Date.UTC(2026, 10, 22) }
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const sandbox = createSandbox({
    tenants: ['acme'],
    origin,
    now: () => clock.now,
    clients: [{ clientId: 'signer', clientSecret: 'unused', publicKey: pem }],
  })
  const account = salesforce.account(sandbox.world('acme'))
  const good = {
    iss: 'signer',
    sub: account.userName,
    aud: 'https://login.salesforce.com',
    exp: clock.now / 1000 + 180,
  }
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const grant = async (claims: object, key = privateKey, alg = 'RS256') => {
    const text = `${encode({ alg })}.${encode(claims)}`
    const assertion = `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
    const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    const response = await sandbox.fetch(
      new Request(`${origin}/acme/salesforce/services/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type, assertion }),
      }),
    )
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const { status, body } = await grant(good)
  expect([status, typeof body['access_token'], body['refresh_token']]).toEqual([200, 'string', undefined])
  const refused = await Promise.all([
    grant(good, foreign),
    grant(good, privateKey, 'none'),
    grant({ ...good, iss: 'other' }),
    grant({ ...good, sub: 'other@b.example' }),
    grant({ ...good, aud: 'https://evil.example' }),
    grant({ ...good, exp: clock.now / 1000 }),
    grant({ ...good, exp: clock.now / 1000 + 301 }),
    grant({ ...good, exp: undefined }),
  ])
  for (const answer of refused) expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
})
