import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formTokenOf } from './browser.ts'
import { type ConnectTestbed, openConnectTestbed } from './connect-testbed.ts'
import { type Case, changed, expectRefused, MINUTE } from './refused.ts'
import { begun, reviewed } from './trip.ts'

let testbed: ConnectTestbed
beforeAll(async () => {
  testbed = await openConnectTestbed()
})
afterAll(async () => {
  expect(testbed.kept()).toMatchObject({ accounts: 1, secrets: 1 })
  await testbed.close()
})

const atTheLink: readonly Case[] = [
  [
    'the form token is missing',
    403,
    async () => {
      const [browser, made] = [testbed.browser(), await testbed.session('hubspot')]
      await browser.get(made.url)
      return browser.post(made.url, {})
    },
  ],
  [
    'the button is pressed without a cookie',
    403,
    async () => {
      const [browser, made] = [testbed.browser(), await testbed.session('hubspot')]
      const token = formTokenOf((await browser.get(made.url)).text)
      return testbed.browser().post(made.url, { form_token: token })
    },
  ],
  [
    'the form token is of another browser',
    403,
    async () => {
      const [browser, other, made] = [testbed.browser(), testbed.browser(), await testbed.session('hubspot')]
      const token = formTokenOf((await browser.get(made.url)).text)
      await other.get(made.url)
      return other.post(made.url, { form_token: token })
    },
  ],
  [
    'the form token is of another session',
    403,
    async () => {
      const [browser, made, another] = [
        testbed.browser(),
        await testbed.session('hubspot'),
        await testbed.session('hubspot'),
      ]
      const token = formTokenOf((await browser.get(another.url)).text)
      await browser.get(made.url)
      return browser.post(made.url, { form_token: token })
    },
  ],
  [
    'the form comes from a page of another site',
    403,
    async () => {
      const [browser, made] = [testbed.browser(), await testbed.session('hubspot')]
      const token = formTokenOf((await browser.get(made.url)).text)
      return browser.post(made.url, { form_token: token }, { origin: 'https://evil.example' })
    },
  ],
  [
    'the browser says that the form is of another site',
    403,
    async () => {
      const [browser, made] = [testbed.browser(), await testbed.session('hubspot')]
      const token = formTokenOf((await browser.get(made.url)).text)
      return browser.post(made.url, { form_token: token }, { 'sec-fetch-site': 'cross-site' })
    },
  ],
  [
    'the form is sent as JSON',
    403,
    async () => {
      const [browser, made] = [testbed.browser(), await testbed.session('hubspot')]
      const token = formTokenOf((await browser.get(made.url)).text)
      return browser.post(made.url, { form_token: token }, { 'content-type': 'application/json' })
    },
  ],
  ['the link is unknown', 404, () => testbed.browser().get(`${testbed.url}/connect/${'a'.repeat(28)}`)],
  [
    'the link has one letter changed',
    404,
    async () => {
      const { url } = await testbed.session('hubspot')
      return testbed.browser().get(changed(url, url.length - 10))
    },
  ],
  [
    'the link has expired',
    404,
    async () => {
      const { url } = await testbed.session('hubspot', { expires_in_s: 600 })
      testbed.clock.at += 10 * MINUTE
      return testbed.browser().get(url)
    },
  ],
  [
    'the link expires between page and button',
    404,
    async () => {
      const [browser, made] = [testbed.browser(), await testbed.session('hubspot', { expires_in_s: 600 })]
      const token = formTokenOf((await browser.get(made.url)).text)
      testbed.clock.at += 10 * MINUTE
      return browser.post(made.url, { form_token: token })
    },
  ],
  [
    'the link is opened in a second browser after the first has begun',
    410,
    async () => {
      const trip = await begun(testbed)
      return testbed.browser().get(trip.made.url)
    },
  ],
  [
    'two browsers show the page and the second presses later',
    410,
    async () => {
      const [first, second, made] = [testbed.browser(), testbed.browser(), await testbed.session('hubspot')]
      const token = formTokenOf((await second.get(made.url)).text)
      expect((await testbed.begin(first, made.url)).status).toBe(303)
      return second.post(made.url, { form_token: token })
    },
  ],
  [
    'the id of the session is used as a link',
    404,
    async () => {
      const { id } = await testbed.session('hubspot')
      return testbed.browser().get(`${testbed.url}/connect/${id}`)
    },
  ],
]

const atTheReview: readonly Case[] = [
  [
    'another browser confirms with a form token of its own making',
    410,
    async () => {
      const { reviewUrl, made } = await reviewed(testbed)
      const other = testbed.browser()
      await other.get((await testbed.session('hubspot')).url)
      const cookie = [...other.cookies.values()][0]!.value
      const form_token = createHmac('sha256', cookie).update(`review|${made.id}`).digest('base64url')
      return other.post(reviewUrl, { form_token, decision: 'confirm' })
    },
  ],
  [
    'another browser opens the review',
    410,
    async () => {
      const { reviewUrl } = await reviewed(testbed)
      return testbed.browser().get(reviewUrl)
    },
  ],
  [
    'another browser confirms',
    410,
    async () => {
      const { reviewUrl, formToken } = await reviewed(testbed)
      const other = testbed.browser()
      await other.get((await testbed.session('hubspot')).url)
      return other.post(reviewUrl, { form_token: formToken, decision: 'confirm' })
    },
  ],
  [
    'the confirmation has no form token',
    410,
    async () => {
      const { reviewUrl, browser } = await reviewed(testbed)
      return browser.post(reviewUrl, { decision: 'confirm' })
    },
  ],
  [
    'the confirmation has the token of the first form',
    410,
    async () => {
      const { reviewUrl, browser, made } = await reviewed(testbed)
      const token = formTokenOf((await browser.get(made.url)).text)
      return browser.post(reviewUrl, { form_token: token, decision: 'confirm' })
    },
  ],
  [
    'the confirmation comes from a page of another site',
    403,
    async () => {
      const { reviewUrl, browser, formToken } = await reviewed(testbed)
      return browser.post(reviewUrl, { form_token: formToken, decision: 'confirm' }, { origin: 'https://evil.example' })
    },
  ],
  [
    'the confirmation says neither yes nor no',
    410,
    async () => {
      const { reviewUrl, browser, formToken } = await reviewed(testbed)
      return browser.post(reviewUrl, { form_token: formToken, decision: 'perhaps' })
    },
  ],
  [
    'the review is eleven minutes old',
    410,
    async () => {
      const { reviewUrl, browser, formToken } = await reviewed(testbed)
      testbed.clock.at += 11 * MINUTE
      return browser.post(reviewUrl, { form_token: formToken, decision: 'confirm' })
    },
  ],
  [
    'the person began again before confirming',
    410,
    async () => {
      const { reviewUrl, browser, formToken, made } = await reviewed(testbed)
      await testbed.begin(browser, made.url)
      return browser.post(reviewUrl, { form_token: formToken, decision: 'confirm' })
    },
  ],
  [
    'the review is confirmed after it was cancelled',
    410,
    async () => {
      const { reviewUrl, browser, formToken, made } = await reviewed(testbed)
      const cancelled = await browser.post(reviewUrl, { form_token: formToken, decision: 'cancel' })
      expect([cancelled.status, cancelled.text.includes('Nothing was connected')]).toEqual([200, true])
      expect((await browser.get(made.url)).status).toBe(410)
      return browser.post(reviewUrl, { form_token: formToken, decision: 'confirm' })
    },
  ],
]

test.each([...atTheLink, ...atTheReview])('nothing is connected when %s', (_name, status, run) =>
  expectRefused(testbed, status, run),
)

test('of twenty browsers that press the button at once, one goes on', async () => {
  const made = await testbed.session('hubspot')
  const ready = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const browser = testbed.browser()
      return { browser, form_token: formTokenOf((await browser.get(made.url)).text) }
    }),
  )
  const pressed = await Promise.all(ready.map(({ browser, form_token }) => browser.post(made.url, { form_token })))
  expect(pressed.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(19).fill(410)])
  const late = { cookieHash: 'another', stateHash: 'another', sealed: '', until: testbed.clock.now() + MINUTE }
  expect(await testbed.store.connectSessions.begin(made.id, late, testbed.clock.now())).toBe(false)
})

test('the same harness connects when nothing is wrong, once however often it is confirmed', async () => {
  const { reviewUrl, browser, formToken, made } = await reviewed(testbed)
  const form = { form_token: formToken, decision: 'confirm' }
  const answers = await Promise.all(Array.from({ length: 10 }, () => browser.post(reviewUrl, form)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(410)])
  expect(testbed.kept()).toMatchObject({ accounts: 1, secrets: 1 })
  expect((await browser.get(made.url)).status).toBe(410)
  expect((await browser.get(reviewUrl)).status).toBe(410)
})
