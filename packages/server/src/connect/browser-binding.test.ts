/** @module The cookie that a browser is known by, over https and on this machine. */
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { canOfferPages, csrfToken, ensureBrowserBinding, isCsrfToken, readBrowserBinding } from './browser-binding.ts'

const visit = async (publicUrl: string, cookie?: string) => {
  const app = new Hono()
  app.get('/', (c) => {
    const known = readBrowserBinding(c, publicUrl)?.cookie
    return c.json({ known: known ?? null, cookie: ensureBrowserBinding(c, publicUrl).cookie })
  })
  const response = await app.request('/', cookie === undefined ? {} : { headers: { cookie } })
  const { known, cookie: given } = (await response.json()) as { known: string | null; cookie: string }
  return { known, given, line: response.headers.get('set-cookie') ?? '' }
}

test('ensureBrowserBinding() sets a __Host- cookie over https, and one of another name on this machine', async () => {
  const secure = await visit('https://qm.example')
  expect(secure.line).toMatch(
    /^__Host-qm-connect=[0-9A-Za-z]{28}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
  const local = await visit('http://127.0.0.1:4700')
  expect(local.line).toMatch(/^qm-connect-insecure-loopback=[0-9A-Za-z]{28}; .*HttpOnly; SameSite=Lax$/)
  expect(local.line).not.toContain('Secure')
})

test('readBrowserBinding() knows its own cookie under its own name, and nothing invented', async () => {
  const { given } = await visit('https://qm.example')
  expect(await visit('https://qm.example', `__Host-qm-connect=${given}`)).toMatchObject({ known: given, given })
  for (const cookie of [
    `qm-connect-insecure-loopback=${given}`,
    `__host-qm-connect=${given}`,
    `__Host-qm-connect=${'a'.repeat(28)}`,
    '__Host-qm-connect=',
    `x__Host-qm-connect=${given}`,
  ]) {
    expect([cookie, (await visit('https://qm.example', cookie)).known]).toEqual([cookie, null])
  }
  expect((await visit('http://localhost:1', `__Host-qm-connect=${given}`)).known).toBeNull()
})

test('isCsrfToken() holds for one browser, one form and one session', () => {
  const [mine, other] = [
    { cookie: 'a', hash: '' },
    { cookie: 'b', hash: '' },
  ]
  const token = csrfToken(mine, 'begin', 'cs_1')
  expect(isCsrfToken(token, mine, 'begin', 'cs_1')).toBe(true)
  expect(isCsrfToken(token, other, 'begin', 'cs_1')).toBe(false)
  expect(isCsrfToken(token, mine, 'review', 'cs_1')).toBe(false)
  expect(isCsrfToken(token, mine, 'begin', 'cs_2')).toBe(false)
  for (const text of [undefined, null, '', 'x', ['x']]) expect(isCsrfToken(text, mine, 'begin', 'cs_1')).toBe(false)
})

test('canOfferPages() needs https, or this machine', () => {
  const urls = ['https://qm.example', 'http://127.0.0.1:4700', 'http://localhost', 'http://[::1]:1']
  expect(urls.map(canOfferPages)).toEqual([true, true, true, true])
  expect(['http://qm.example', 'http://10.0.0.1', '', 'http://localhost.evil.example'].map(canOfferPages)).toEqual([
    false,
    false,
    false,
    false,
  ])
})
