/** @module Proves what holds for the sandbox as a whole: tenants, origins, and both vendors behind one handler. */
import { expect, test } from 'vitest'
import { createSandbox } from './sandbox.ts'

test('createSandbox() refuses names that cannot be tenants', () => {
  for (const tenant of ['__sandbox', 'a/b', '', '..', 'a b']) {
    expect(() => createSandbox({ tenants: [tenant] })).toThrow(RangeError)
  }
  expect(() => createSandbox({ tenants: ['acme', 'acme'] })).toThrow('it is there already')
})

test('control() and world() know only what exists', () => {
  const sandbox = createSandbox({ tenants: ['acme'] })
  expect(() => sandbox.control('globex', 'hubspot')).toThrow(RangeError)
  expect(() => sandbox.control('acme', 'nobody')).toThrow(RangeError)
  expect(() => sandbox.world('globex')).toThrow(RangeError)
  expect(sandbox.world('acme').tenant).toBe('acme')
})

test('every vendor of every tenant has records of the same people, and other tenants have others', async () => {
  const sandbox = createSandbox({ tenants: ['acme', 'globex'], seed: 7 })
  const addresses = (tenant: string, vendor: string, type: string, field: string) => {
    const records = sandbox.control(tenant, vendor).records(type) ?? []
    return new Set(records.map(({ values }) => values[field]).filter((value) => typeof value === 'string'))
  }
  const acme = addresses('acme', 'hubspot', 'contacts', 'email')
  expect(acme.size).toBeGreaterThan(450)
  expect(addresses('acme', 'salesforce', 'Contact', 'Email')).toEqual(acme)
  expect([...addresses('globex', 'hubspot', 'contacts', 'email')].filter((email) => acme.has(email))).toEqual([])
})

test('links carry the origin: an option that may come late, or else the first request’s', async () => {
  let origin = 'https://early.example'
  const first = createSandbox({ tenants: ['acme'], origin: () => origin })
  const second = createSandbox({ tenants: ['acme'] })
  const link = async (sandbox: typeof first) => {
    const { accessToken } = sandbox.control('acme', 'hubspot').signIn({ scope: 'crm.objects.contacts.read' })
    const headers = { authorization: `Bearer ${accessToken}` }
    const url = 'http://127.0.0.1:4000/acme/hubspot/crm/v3/objects/contacts?limit=1'
    const page = (await (await sandbox.fetch(new Request(url, { headers }))).json()) as {
      paging: { next: { link: string } }
    }
    return page.paging.next.link
  }
  origin = 'https://late.example/'
  const path = '/acme/hubspot/crm/v3/objects/contacts?limit=1&after=501'
  expect(await link(first)).toBe(`https://late.example${path}`)
  expect(await link(second)).toBe(`http://127.0.0.1:4000${path}`)
})
