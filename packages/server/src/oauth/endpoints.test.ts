/** @module Where a grant may lead: to the system's hosts, and under an operator's base URL nowhere but below it. */
import { loadCatalog } from '@quartermaster/connectors'
import { expect, test } from 'vitest'
import { apiBase, authorityEndpoints, identityUrl } from './endpoints.ts'

const connector = loadCatalog().get('salesforce')!
const good = [
  'https://acme.my.salesforce.com',
  'https://acme--uat.sandbox.my.salesforce.com',
  'https://na1.salesforce.com',
  'https://acme.my.salesforce.mil',
]
const bad = [
  'http://acme.my.salesforce.com',
  'https://evil.example',
  'https://evil.example/.my.salesforce.com',
  'https://evil.example?.my.salesforce.com',
  'https://evil.example#.my.salesforce.com',
  'https://evil.example\\.my.salesforce.com',
  'https://acme.my.salesforce.com.evil.example',
  'https://acme.my.salesforce.com@evil.example',
  'https://acme.my.salesforce.com:pw@evil.example',
  'https://evil.example:443@acme.my.salesforce.com',
  'https://user@acme.my.salesforce.com',
  'https://:pw@acme.my.salesforce.com',
  'https://acme.my.salesforce.com:8443',
  'https://acme.my.salesforce.com:80',
  'https://evilsalesforce.com',
  'https://evil-salesforce.com',
  'https://salesforce.com',
  'https://salesforce.com.',
  'https://acme.my.salesforce.com.',
  'https://.salesforce.com',
  'https://salesforce.com.evil.example',
  'https://salesforce.co',
  'https://salesforce.community',
  'https://acme.my.salesforce.com%00.evil.example',
  'https://acme.my.salesforce.com%2eevil.example',
  'https://acme.my.salesforce.com%0d%0a.evil.example',
  'https://127.0.0.1',
  'https://[::1]',
  'https://[::ffff:127.0.0.1]',
  'https://0x7f000001',
  'https://2130706433',
  'https://0177.0.0.1',
  'https://localhost',
  'https://169.254.169.254',
  'https://metadata.google.internal',
  'https://10.0.0.1',
  'https://100.64.0.1',
  'ftp://acme.my.salesforce.com',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'gopher://acme.my.salesforce.com',
  'ws://acme.my.salesforce.com',
  '//acme.my.salesforce.com',
  'acme.my.salesforce.com',
  '',
  'https://',
]

test('apiBase() and identityUrl() take the hosts of the system and no other spelling of them', () => {
  for (const url of good) {
    expect(apiBase(connector, undefined, { instance_url: url })).toBe(url)
    expect(identityUrl(connector, undefined, { id: `${url}/id/00D/005` })).toBe(`${url}/id/00D/005`)
  }
  expect(bad.length).toBeGreaterThanOrEqual(40)
  for (const url of bad) {
    expect([url, apiBase(connector, undefined, { instance_url: url })]).toEqual([url, undefined])
    expect([url, identityUrl(connector, undefined, { id: url })]).toEqual([url, undefined])
  }
  expect(apiBase(connector, undefined, {})).toBeUndefined()
  expect(identityUrl(connector, undefined, {})).toBeUndefined()
})

test('under an operator base URL a grant leads below it, not beside it', () => {
  const base = 'http://127.0.0.1:4800/acme/salesforce'
  const ask = (id: string) => identityUrl(connector, base, { id })
  expect(ask(`${base}/id/00D/005`)).toBe(`${base}/id/00D/005`)
  for (const id of [
    base,
    `${base}x/id`,
    `${base}/../hubspot/id`,
    `${base}/%2e%2e/x`,
    'http://127.0.0.1:4801/',
    good[0]!,
  ]) {
    expect([id, ask(id)]).toEqual([id, undefined])
  }
  const issued = authorityEndpoints({ ...connector, auth: { ...connector.auth, issuer: 'https://a.example' } }, base)
  expect(issued).toMatchObject({ issuer: base, token: `${base}/services/oauth2/token` })
})
