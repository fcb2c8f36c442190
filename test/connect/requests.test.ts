import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConnectTestbed, openConnectTestbed, RETURN_ORIGIN } from './connect-testbed.ts'
import { reviewed } from './trip.ts'

let testbed: ConnectTestbed
beforeAll(async () => {
  testbed = await openConnectTestbed()
})
afterAll(() => testbed.close())

/** Spellings that have led redirects astray elsewhere; `app.acme.example` is registered, `evil.example` is not. */
const astray = [
  'https://evil.example',
  'https://evil.example/',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'http://app.acme.example',
  'http://app.acme.example/',
  'https://app.acme.example.evil.example',
  'https://app.acme.example.',
  'https://app.acme.example./x',
  'https://app.acme.example@evil.example',
  'https://app.acme.example:pw@evil.example/',
  'https://evil.example@app.acme.example',
  'https://user@app.acme.example/',
  'https://app.acme.example%2eevil.example',
  'https://app.acme.example%00.evil.example',
  'https://app.acme.example%0d%0a.evil.example',
  'https://app.acme.example\\.evil.example',
  'https://app.acme.example\\@evil.example',
  'https://evil.example\\app.acme.example',
  'https://evil.example#@app.acme.example',
  'https://evil.example?@app.acme.example',
  'https://evil.example/https://app.acme.example',
  'https://app.acme.example:444',
  'https://app.acme.example:8443/',
  'https://app.acme.example:0443/',
  'https://app.acme.example:443/',
  'https://APP.acme.example/',
  'HTTPS://app.acme.example/',
  'https:app.acme.example',
  'https:/app.acme.example',
  'https:///app.acme.example',
  'https:\\\\app.acme.example',
  ' https://app.acme.example/',
  'https://app.acme.example/ ',
  'https://app.acme.example/a b',
  'https://app.acme.example/\n',
  'https://app.acme.example/\r\nset-cookie: a=b',
  'https://app.acme.example/\t',
  'ht\ntps://app.acme.example/',
  'https://app.\tacme.example/',
  'https://app.acme.example/\u0000',
  'https://app.acme.example/\u2028',
  'https://app\u3002acme\u3002example/',
  'https://\uff41pp.acme.example/',
  'https://app.acme.ex\u00e4mple/',
  'https://xn--pp-acme.example/',
  'https://acme.example',
  'https://sub.app.acme.example',
  'https://app-acme.example',
  'https://appXacme.example',
  'https://app.acme.example"onmouseover="x',
  "https://app.acme.example/'",
  'https://app.acme.example/<script>',
  'javascript:alert(1)//https://app.acme.example',
  'javascript://app.acme.example/%0aalert(1)',
  'data:text/html,https://app.acme.example',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:https://app.acme.example/1',
  'about:blank',
  'app.acme.example',
  '/relative',
  '',
  'https://',
  'https://[::1]/',
  'https://127.0.0.1/',
  'https://0x7f000001/',
  'http://localhost/',
  'http://localhost:8081/',
  'https://localhost:8080/',
  'http://127.0.0.1:8080/',
  'ftp://app.acme.example/',
  `https://app.acme.example/${'x'.repeat(2_001)}`,
]

test('return_url leads to registered origins and nowhere else', async () => {
  expect(astray.length).toBeGreaterThanOrEqual(60)
  for (const return_url of astray) {
    const { status } = await testbed.api('POST', '/connect-session', { tenant: 'acme', system: 'hubspot', return_url })
    expect([return_url, status]).toEqual([return_url, 400])
  }
  for (const return_url of [
    RETURN_ORIGIN,
    `${RETURN_ORIGIN}/a/b?c=d&e=%20#f`,
    `${RETURN_ORIGIN}/?x=https://evil.example`,
    'http://localhost:8080/',
  ]) {
    const { status } = await testbed.api('POST', '/connect-session', { tenant: 'acme', system: 'hubspot', return_url })
    expect([return_url, status]).toEqual([return_url, 201])
  }
  const foreign = { tenant: 'globex', system: 'hubspot', return_url: RETURN_ORIGIN }
  expect((await testbed.api('POST', '/connect-session', foreign)).status).toBe(400)
})

test('a session is made only for what the caller may touch and the system knows', async () => {
  const { reviewUrl, browser, formToken, made } = await reviewed(testbed)
  await browser.post(reviewUrl, { form_token: formToken, decision: 'confirm' })
  const { account } = (await testbed.api('GET', `/connect-session/${made.id}`)).body as { account: string }
  const token = async (tenant: string, scopes: string[]) =>
    ((await testbed.api('POST', '/api-token', { tenant, name: 't', scopes })).body as { token: string }).token
  const [acme, globex, narrow] = [
    await token('acme', ['admin']),
    await token('globex', ['admin']),
    await token('acme', ['runtime']),
  ]
  const tries: [number, Record<string, unknown>, string?][] = [
    [400, { system: 'hubspot' }],
    [400, { tenant: 'acme', system: 'nosuch' }],
    [400, { tenant: 'acme', system: '../hubspot' }],
    [400, { tenant: 'acme', system: 'hubspot', scopes: ['crm.objects.everything'] }],
    [400, { tenant: 'acme', system: 'salesforce', scopes: ['full'] }],
    [400, { tenant: 'acme', system: 'hubspot', authorize_url: 'https://evil.example' }],
    [400, { tenant: 'acme', system: 'hubspot', token_url: 'https://evil.example' }],
    [400, { tenant: 'acme', system: 'hubspot', expires_in_s: 1 }],
    [400, { tenant: 'acme', system: 'hubspot', expires_in_s: 1e9 }],
    [400, { tenant: '../acme', system: 'hubspot' }],
    [404, { tenant: 'acme', system: 'hubspot', account: 'acc_0000000000000000' }],
    [409, { tenant: 'acme', system: 'salesforce', account }],
    [409, { tenant: 'globex', system: 'hubspot', account }],
    [404, { system: 'hubspot', account }, globex],
    [403, { tenant: 'globex', system: 'hubspot' }, acme],
    [403, { system: 'hubspot' }, narrow],
    [401, { tenant: 'acme', system: 'hubspot' }, 'qm_nothing'],
  ]
  for (const [status, body, as] of tries) {
    const answer = await testbed.api('POST', '/connect-session', body, as)
    expect([body, answer.status]).toEqual([body, status])
  }
  expect((await testbed.api('POST', '/connect-session', { system: 'hubspot', account }, acme)).status).toBe(201)
  expect((await testbed.api('GET', `/connect-session/${made.id}`, undefined, globex)).status).toBe(404)
  expect((await testbed.api('GET', '/connect-session/cs_nothing')).status).toBe(404)
  await testbed.api('DELETE', `/integrated-account/${account}`)
  expect((await testbed.api('POST', '/connect-session', { tenant: 'acme', system: 'hubspot', account })).status).toBe(
    409,
  )
})
