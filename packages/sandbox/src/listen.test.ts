/** @module Proves that a sandbox on a port behaves like the handler: URLs, bodies, empty answers, lost connections. */
import { expect, test } from 'vitest'
import { listen } from './listen.ts'
import { createSandbox } from './sandbox.ts'

test('listen() serves the sandbox, tells it its origin, and cuts a dropped response', async () => {
  const sandbox = createSandbox({ tenants: ['acme'] })
  const control = sandbox.control('acme', 'hubspot')
  const { accessToken } = control.signIn({ scope: 'crm.objects.contacts.read crm.objects.contacts.write' })
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' }
  const { url, close } = await listen(sandbox)
  try {
    const base = `${url}/acme/hubspot/crm/objects/2026-09/contacts`
    const page = (await (await fetch(`${base}?limit=1`, { headers })).json()) as { paging: { next: { link: string } } }
    expect(page.paging.next.link).toBe(`${base}?limit=1&after=501`)
    const body = JSON.stringify({ properties: { lastname: '山田 🚀' } })
    const made = await fetch(base, { method: 'POST', headers, body })
    expect(made.status).toBe(201)
    const { id } = (await made.json()) as { id: string }
    expect(control.record('contacts', id)?.values['lastname']).toBe('山田 🚀')
    const gone = await fetch(`${base}/${id}`, { method: 'DELETE', headers })
    expect([gone.status, await gone.text()]).toEqual([204, ''])
    control.arm({ kind: 'dropped_response' })
    await expect(fetch(base, { headers })).rejects.toThrow('fetch failed')
  } finally {
    await close()
  }
  await expect(fetch(url)).rejects.toThrow('fetch failed')
})
