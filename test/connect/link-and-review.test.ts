import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formTokenOf } from './browser.ts'
import { type Case, changed, expectRefused, MINUTE } from './refused.ts'
import { openRoom, type Room } from './room.ts'
import { begun, reviewed } from './trip.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom()
})
afterAll(async () => {
  expect(room.kept()).toMatchObject({ accounts: 1, secrets: 1 })
  await room.close()
})

const atTheLink: readonly Case[] = [
  [
    'the form token is missing',
    403,
    async () => {
      const [browser, made] = [room.browser(), await room.session('hubspot')]
      await browser.get(made.url)
      return browser.post(made.url, {})
    },
  ],
  [
    'the button is pressed without a cookie',
    403,
    async () => {
      const [browser, made] = [room.browser(), await room.session('hubspot')]
      const token = formTokenOf((await browser.get(made.url)).text)
      return room.browser().post(made.url, { form_token: token })
    },
  ],
  [
    'the form token is of another browser',
    403,
    async () => {
      const [browser, other, made] = [room.browser(), room.browser(), await room.session('hubspot')]
      const token = formTokenOf((await browser.get(made.url)).text)
      await other.get(made.url)
      return other.post(made.url, { form_token: token })
    },
  ],
  [
    'the form token is of another session',
    403,
    async () => {
      const [browser, made, another] = [room.browser(), await room.session('hubspot'), await room.session('hubspot')]
      const token = formTokenOf((await browser.get(another.url)).text)
      await browser.get(made.url)
      return browser.post(made.url, { form_token: token })
    },
  ],
  [
    'the form comes from a page of another site',
    403,
    async () => {
      const [browser, made] = [room.browser(), await room.session('hubspot')]
      const token = formTokenOf((await browser.get(made.url)).text)
      return browser.post(made.url, { form_token: token }, { origin: 'https://evil.example' })
    },
  ],
  [
    'the browser says that the form is of another site',
    403,
    async () => {
      const [browser, made] = [room.browser(), await room.session('hubspot')]
      const token = formTokenOf((await browser.get(made.url)).text)
      return browser.post(made.url, { form_token: token }, { 'sec-fetch-site': 'cross-site' })
    },
  ],
  [
    'the form is sent as JSON',
    403,
    async () => {
      const [browser, made] = [room.browser(), await room.session('hubspot')]
      const token = formTokenOf((await browser.get(made.url)).text)
      return browser.post(made.url, { form_token: token }, { 'content-type': 'application/json' })
    },
  ],
  ['the link is unknown', 404, () => room.browser().get(`${room.url}/connect/${'a'.repeat(28)}`)],
  [
    'the link has one letter changed',
    404,
    async () => {
      const { url } = await room.session('hubspot')
      return room.browser().get(changed(url, url.length - 10))
    },
  ],
  [
    'the link has expired',
    404,
    async () => {
      const { url } = await room.session('hubspot', { expires_in_s: 600 })
      room.clock.at += 10 * MINUTE
      return room.browser().get(url)
    },
  ],
  [
    'the link expires between page and button',
    404,
    async () => {
      const [browser, made] = [room.browser(), await room.session('hubspot', { expires_in_s: 600 })]
      const token = formTokenOf((await browser.get(made.url)).text)
      room.clock.at += 10 * MINUTE
      return browser.post(made.url, { form_token: token })
    },
  ],
  [
    'the link is opened in a second browser after the first has begun',
    410,
    async () => {
      const trip = await begun(room)
      return room.browser().get(trip.made.url)
    },
  ],
  [
    'two browsers show the page and the second presses later',
    410,
    async () => {
      const [first, second, made] = [room.browser(), room.browser(), await room.session('hubspot')]
      const token = formTokenOf((await second.get(made.url)).text)
      expect((await room.begin(first, made.url)).status).toBe(303)
      return second.post(made.url, { form_token: token })
    },
  ],
  [
    'the id of the session is used as a link',
    404,
    async () => {
      const { id } = await room.session('hubspot')
      return room.browser().get(`${room.url}/connect/${id}`)
    },
  ],
]

const atTheReview: readonly Case[] = [
  [
    'another browser confirms with a form token of its own making',
    410,
    async () => {
      const { reviewUrl, made } = await reviewed(room)
      const other = room.browser()
      await other.get((await room.session('hubspot')).url)
      const cookie = [...other.cookies.values()][0]!.value
      const form_token = createHmac('sha256', cookie).update(`review|${made.id}`).digest('base64url')
      return other.post(reviewUrl, { form_token, decision: 'confirm' })
    },
  ],
  [
    'another browser opens the review',
    410,
    async () => {
      const { reviewUrl } = await reviewed(room)
      return room.browser().get(reviewUrl)
    },
  ],
  [
    'another browser confirms',
    410,
    async () => {
      const { reviewUrl, formToken } = await reviewed(room)
      const other = room.browser()
      await other.get((await room.session('hubspot')).url)
      return other.post(reviewUrl, { form_token: formToken, decision: 'confirm' })
    },
  ],
  [
    'the confirmation has no form token',
    410,
    async () => {
      const { reviewUrl, browser } = await reviewed(room)
      return browser.post(reviewUrl, { decision: 'confirm' })
    },
  ],
  [
    'the confirmation has the token of the first form',
    410,
    async () => {
      const { reviewUrl, browser, made } = await reviewed(room)
      const token = formTokenOf((await browser.get(made.url)).text)
      return browser.post(reviewUrl, { form_token: token, decision: 'confirm' })
    },
  ],
  [
    'the confirmation comes from a page of another site',
    403,
    async () => {
      const { reviewUrl, browser, formToken } = await reviewed(room)
      return browser.post(reviewUrl, { form_token: formToken, decision: 'confirm' }, { origin: 'https://evil.example' })
    },
  ],
  [
    'the confirmation says neither yes nor no',
    410,
    async () => {
      const { reviewUrl, browser, formToken } = await reviewed(room)
      return browser.post(reviewUrl, { form_token: formToken, decision: 'perhaps' })
    },
  ],
  [
    'the review is eleven minutes old',
    410,
    async () => {
      const { reviewUrl, browser, formToken } = await reviewed(room)
      room.clock.at += 11 * MINUTE
      return browser.post(reviewUrl, { form_token: formToken, decision: 'confirm' })
    },
  ],
  [
    'the person began again before confirming',
    410,
    async () => {
      const { reviewUrl, browser, formToken, made } = await reviewed(room)
      await room.begin(browser, made.url)
      return browser.post(reviewUrl, { form_token: formToken, decision: 'confirm' })
    },
  ],
  [
    'the review is confirmed after it was cancelled',
    410,
    async () => {
      const { reviewUrl, browser, formToken, made } = await reviewed(room)
      const cancelled = await browser.post(reviewUrl, { form_token: formToken, decision: 'cancel' })
      expect([cancelled.status, cancelled.text.includes('Nothing was connected')]).toEqual([200, true])
      expect((await browser.get(made.url)).status).toBe(410)
      return browser.post(reviewUrl, { form_token: formToken, decision: 'confirm' })
    },
  ],
]

test.each([...atTheLink, ...atTheReview])('nothing is connected when %s', (_name, status, run) =>
  expectRefused(room, status, run),
)

test('of twenty browsers that press the button at once, one goes on', async () => {
  const made = await room.session('hubspot')
  const ready = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const browser = room.browser()
      return { browser, form_token: formTokenOf((await browser.get(made.url)).text) }
    }),
  )
  const pressed = await Promise.all(ready.map(({ browser, form_token }) => browser.post(made.url, { form_token })))
  expect(pressed.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(19).fill(410)])
  const late = { cookieHash: 'another', stateHash: 'another', sealed: '', until: room.clock.now() + MINUTE }
  expect(await room.store.connectSessions.begin(made.id, late, room.clock.now())).toBe(false)
})

test('the same harness connects when nothing is wrong, once however often it is confirmed', async () => {
  const { reviewUrl, browser, formToken, made } = await reviewed(room)
  const form = { form_token: formToken, decision: 'confirm' }
  const answers = await Promise.all(Array.from({ length: 10 }, () => browser.post(reviewUrl, form)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(410)])
  expect(room.kept()).toMatchObject({ accounts: 1, secrets: 1 })
  expect((await browser.get(made.url)).status).toBe(410)
  expect((await browser.get(reviewUrl)).status).toBe(410)
})
