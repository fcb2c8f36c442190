/** @module Hosts are compared label by label. */
import { expect, test } from 'vitest'
import { hostAllowed } from './host-allowed.ts'

const connector = { api: { base: '{instance_url}', hosts: ['*.salesforce.com', 'api.hubapi.com'] } }

test.each([
  'https://acme.my.salesforce.com',
  'https://acme--dev.sandbox.my.salesforce.com/services',
  'https://ACME.my.salesforce.com',
  'https://api.hubapi.com',
  'https://na1.salesforce.com:443',
])('hostAllowed() admits %s', (url) => {
  expect(hostAllowed(connector, url)).toBe(true)
})

test.each([
  'http://acme.my.salesforce.com',
  'https://salesforce.com',
  'https://.salesforce.com',
  'https://evilsalesforce.com',
  'https://x.my.salesforce.com.evil.com',
  'https://evil.com/.my.salesforce.com',
  'https://evil.com?.my.salesforce.com',
  'https://evil.com#.my.salesforce.com',
  'https://acme.my.salesforce.com@evil.com',
  'https://user:pass@acme.my.salesforce.com',
  'https://acme.my.salesforce.com:8443',
  'https://evil.api.hubapi.com',
  'https://api.hubapi.com.',
  'https://169.254.169.254',
  'https://[::1]',
  'file:///etc/passwd',
  'acme.my.salesforce.com',
  '',
])('hostAllowed() refuses %j', (url) => {
  expect(hostAllowed(connector, url)).toBe(false)
})
