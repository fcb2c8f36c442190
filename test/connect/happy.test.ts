import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Browser, formTokenOf } from './browser.ts'
import { type ConnectTestbed, openConnectTestbed, RETURN_ORIGIN } from './connect-testbed.ts'

let testbed: ConnectTestbed
beforeAll(async () => {
  testbed = await openConnectTestbed()
})
afterAll(() => testbed.close())

interface Shown {
  readonly id: string
  readonly status: string
  readonly account: string
  readonly scopes: readonly string[]
  readonly reason: string | null
  readonly connected_as: { readonly org_id: string } | null
  readonly hidden_tools: readonly { readonly name: string; readonly missing_scopes: readonly string[] }[]
}

/** From the link to the page that asks for confirmation. */
async function upToReview(browser: Browser, link: string) {
  const sent = await testbed.begin(browser, link)
  expect(sent.status).toBe(303)
  const consented = await browser.post(sent.location!, { decision: 'approve' })
  const back = await browser.get(consented.location!)
  expect(back.status).toBe(303)
  return { authorize: new URL(sent.location!), reviewUrl: back.location!, review: await browser.get(back.location!) }
}

async function confirm(browser: Browser, reviewUrl: string, page: string) {
  return browser.post(reviewUrl, { form_token: formTokenOf(page), decision: 'confirm' })
}

test.each(['hubspot', 'salesforce'])(
  'a person connects %s, sees who they are, and the account works',
  async (system) => {
    const browser = testbed.browser()
    const made = await testbed.session(system, { return_url: `${RETURN_ORIGIN}/done?a=1` })
    const page = await browser.get(made.url)
    expect(page.status).toBe(200)
    expect(page.text).toContain('for acme')
    for (const scope of made.scopes) expect(page.text).toContain(scope)
    expect(page.text).not.toContain('<script')
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' http[^;]+; base-uri 'none'; frame-ancestors 'none'$/,
    )
    const style = /<style>([\s\S]*)<\/style>/.exec(page.text)?.[1] ?? ''
    expect(page.headers.get('content-security-policy')).toContain(createHash('sha256').update(style).digest('base64'))
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(page.headers.get('cache-control')).toBe('no-store')
    const [cookie] = page.headers.getSetCookie()
    expect(cookie).toMatch(
      /^qm-connect-insecure-loopback=[0-9A-Za-z]{28}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/,
    )

    const { authorize, reviewUrl, review } = await upToReview(browser, made.url)
    expect(Object.fromEntries(authorize.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: `${testbed.url}/oauth/callback/${system}`,
      scope: made.scopes.join(' '),
    })
    expect(review.text).toContain('You are connecting')
    expect((await testbed.api('GET', `/connect-session/${made.id}`)).body as Shown).toMatchObject({ status: 'review' })
    const before = testbed.kept().accounts
    const done = await confirm(browser, reviewUrl, review.text)
    expect(done.status).toBe(200)
    expect(done.text).toContain('is connected')
    expect(done.text).toContain(`${RETURN_ORIGIN}/done?a=1&amp;connect_session=${made.id}&amp;connect_result=connected`)
    expect(testbed.kept().accounts).toBe(before + 1)

    const session = (await testbed.api('GET', `/connect-session/${made.id}`)).body as Shown
    expect(session.status).toBe('connected')
    const account = (await testbed.api('GET', `/integrated-account/${session.account}`)).body as Shown
    expect(account).toMatchObject({ status: 'active', scopes: made.scopes })
    expect(account.connected_as?.org_id).toMatch(/^[0-9A-Za-z]+$/)
    const refreshed = await testbed.api('POST', `/integrated-account/${session.account}/refresh`)
    expect(refreshed.body as Shown).toMatchObject({ status: 'active' })
  },
)

test('only what is asked for is granted: tools without their scope are hidden, and every page says so', async () => {
  const least = await testbed.session('hubspot')
  expect(least.scopes.some((scope) => scope.includes('write'))).toBe(false)
  const contactsOnly = await testbed.session('hubspot', { toolset: { methods: ['create'], tags: ['contacts'] } })
  expect(contactsOnly.scopes.filter((scope) => scope.includes('write'))).toEqual(['crm.objects.contacts.write'])

  const browser = testbed.browser()
  const { authorize, reviewUrl, review } = await upToReview(browser, contactsOnly.url)
  expect(authorize.searchParams.get('optional_scope')).toBe('crm.objects.contacts.write')
  const done = await confirm(browser, reviewUrl, review.text)
  expect(done.text).toContain('create_a_hub_spot_account')
  expect(done.text).not.toContain('create_a_hub_spot_contact')
  const { account } = (await testbed.api('GET', `/connect-session/${contactsOnly.id}`)).body as Shown
  const shown = (await testbed.api('GET', `/integrated-account/${account}`)).body as Shown
  const hidden = shown.hidden_tools.map(({ name }) => name)
  expect(hidden).toContain('create_a_hub_spot_account')
  expect(hidden).not.toContain('create_a_hub_spot_contact')
  expect(shown.hidden_tools.every(({ missing_scopes }) => missing_scopes.length > 0)).toBe(true)
})

test('connecting again replaces the grant of an account that had lost it, and the account works', async () => {
  const browser = testbed.browser()
  const first = await testbed.session('hubspot')
  const one = await upToReview(browser, first.url)
  await confirm(browser, one.reviewUrl, one.review.text)
  const { account } = (await testbed.api('GET', `/connect-session/${first.id}`)).body as Shown
  testbed.control('hubspot').revokeGrants()
  await testbed.api('POST', `/integrated-account/${account}/refresh`)
  expect((await testbed.api('GET', `/integrated-account/${account}`)).body as Shown).toMatchObject({
    status: 'needs_reauth',
    reason: 'revoked',
  })
  const other = testbed.browser()
  const again = await testbed.session('hubspot', { account })
  const two = await upToReview(other, again.url)
  expect((await confirm(other, two.reviewUrl, two.review.text)).status).toBe(200)
  const shown = await testbed.api('GET', `/integrated-account/${account}`)
  expect(shown.body as Shown).toMatchObject({ status: 'active', reason: null })
  const refreshed = await testbed.api('POST', `/integrated-account/${account}/refresh`)
  expect(refreshed.body as Shown).toMatchObject({ status: 'active' })
})

test('a preview of the link does not use it up, and nothing secret reaches the log', async () => {
  const made = await testbed.session('hubspot')
  for (let i = 0; i < 3; i++) expect((await testbed.browser().get(made.url)).status).toBe(200)
  const browser = testbed.browser()
  const { authorize, reviewUrl, review } = await upToReview(browser, made.url)
  await confirm(browser, reviewUrl, review.text)
  const log = testbed.logs.join('\n')
  const cookie = [...browser.cookies.values()][0]!.value
  for (const secret of [made.url.slice(-28), authorize.searchParams.get('state')!, cookie])
    expect(log).not.toContain(secret)
  expect(log).toContain('connect_finished')
})
