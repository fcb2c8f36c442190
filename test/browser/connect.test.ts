/**
 * @module
 * A person connects an account in a real browser, with nothing but the keyboard. The browser itself says whether the
 * pages keep their own security policy, complain, load anything from elsewhere, can be read and fit a telephone.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConnectTestbed, openConnectTestbed } from '../connect/connect-testbed.ts'
import { type Chromium, chromiumPath, startChromium, type Tab } from './chromium.ts'

const pictures = join(import.meta.dirname, '../../node_modules/.cache/connect-pages')
const views = [
  [360, 'light'],
  [360, 'dark'],
  [1100, 'light'],
  [1100, 'dark'],
] as const

let testbed: ConnectTestbed
let browser: Chromium
beforeAll(async () => {
  if (chromiumPath === undefined) return
  mkdirSync(pictures, { recursive: true })
  testbed = await openConnectTestbed()
  browser = await startChromium(chromiumPath)
})
afterAll(async () => {
  await browser?.close()
  await testbed?.close()
})

interface Seen {
  /** More than the window's: a person must scroll sideways. */
  readonly width: number
  /** The least contrast of any text with what is behind it, and where. */
  readonly contrast: number
  readonly at: string
  readonly unnamed: readonly string[]
  readonly headings: number
  readonly lang: string
  /** The least height of a control, in pixels. */
  readonly smallest: number
}

/** Runs in the page. Contrast as WCAG 2.2 defines it (1.4.3); names as its 4.1.2 asks. */
const examine = `(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number)
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor)
      if (color[3] === undefined || color[3] > 0) return color
    }
    return [255, 255, 255]
  }
  let least = { contrast: 21, at: '' }
  for (const element of document.body.querySelectorAll('*')) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))]
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (contrast < least.contrast) least = { contrast, at: element.outerHTML.slice(0, 80) }
  }
  const controls = [...document.querySelectorAll('input:not([type=hidden]),select,textarea,button,summary,a')]
  const named = (control) => control.labels?.length > 0 || control.textContent.trim() || control.getAttribute('aria-label')
  return {
    width: document.documentElement.scrollWidth,
    ...least,
    unnamed: controls.filter((control) => !named(control)).map((control) => control.outerHTML),
    headings: document.querySelectorAll('h1').length,
    lang: document.documentElement.lang,
    smallest: Math.min(1000, ...controls.map((control) => control.getBoundingClientRect().height)),
  }
})()`

/** Every width and colour scheme: pictures for people, measures for the test. */
async function inspect(tab: Tab, name: string): Promise<void> {
  for (const [width, scheme] of views) {
    await tab.look(width, scheme)
    writeFileSync(join(pictures, `${name}-${width}-${scheme}.png`), await tab.picture())
    const seen = await tab.ask<Seen>(examine)
    const where = `${name} ${width} ${scheme}`
    expect([where, seen.width]).toEqual([where, width])
    expect([where, seen.unnamed, seen.headings, seen.lang]).toEqual([where, [], 1, 'en'])
    expect(seen.contrast, `${where}: ${seen.at}`).toBeGreaterThanOrEqual(4.5)
    // WCAG 2.2, 2.5.8 asks for 24 px; a thumb wants more.
    expect(seen.smallest, where).toBeGreaterThanOrEqual(44)
  }
}

/** Walks with the Tab key to the control of this text, which must show where the focus is. */
async function walkTo(tab: Tab, text: string): Promise<void> {
  for (let step = 0; step < 12; step += 1) {
    await tab.key('Tab')
    const focus = await tab.ask<{ text: string; outline: string }>(
      '({ text: document.activeElement.textContent.trim(), outline: getComputedStyle(document.activeElement).outlineStyle })',
    )
    if (focus.text.startsWith(text)) {
      expect([text, focus.outline]).not.toEqual([text, 'none'])
      return
    }
  }
  throw new Error(`Cannot come to "${text}" with the keyboard`)
}

const title = (tab: Tab) => tab.ask<string>('document.querySelector("h1").textContent')
const scopes = ['crm.objects.contacts.write']

test.skipIf(chromiumPath === undefined).each(['hubspot', 'salesforce'] as const)(
  'a person connects %s with the keyboard alone, and the browser has nothing to complain of',
  async (system) => {
    const tab = await browser.tab()
    const made = await testbed.session(system, system === 'hubspot' ? { scopes } : {})
    await tab.open(made.url)
    expect(await title(tab)).toMatch(/^Connect \w+ for acme$/)
    await inspect(tab, `${system}-1-consent`)
    const [cookie, ...others] = await tab.cookies()
    expect(others).toEqual([])
    expect(cookie).toMatchObject({ path: '/', httpOnly: true, sameSite: 'Lax', name: 'qm-connect-insecure-loopback' })

    await walkTo(tab, 'Continue')
    await tab.enter()
    expect(await tab.ask('location.origin')).toBe(new URL(testbed.sandboxUrl).origin)
    await walkTo(tab, 'Connect app')
    await tab.enter()
    expect(await tab.ask('location.pathname')).toMatch(/^\/connect\/review\//)
    expect(await title(tab)).toMatch(/^You are connecting /)
    await inspect(tab, `${system}-2-review`)
    await walkTo(tab, 'Confirm')
    await tab.enter()
    expect(await title(tab)).toMatch(/ is connected$/)
    await inspect(tab, `${system}-3-done`)

    // The faked vendor has no icon; what it lacks is not ours.
    expect(tab.complaints.filter((text) => !text.endsWith(`${testbed.sandboxUrl}/favicon.ico`))).toEqual([])
    expect(await tab.ask('document.cookie')).toBe('')
    const origins = new Set(tab.requested.map((url) => new URL(url).origin))
    expect([...origins].sort()).toEqual([new URL(testbed.url).origin, new URL(testbed.sandboxUrl).origin].sort())
    const { body } = await testbed.api('GET', `/connect-session/${made.id}`)
    expect(body).toMatchObject({ status: 'connected' })
  },
)

test.skipIf(chromiumPath === undefined)('the pages that refuse are as readable, and lead nowhere', async () => {
  const tab = await browser.tab()
  await tab.open(`${testbed.url}/connect/${'a'.repeat(28)}`)
  expect(await title(tab)).toBe('This link does not work')
  await inspectQuietly(tab, 'refused-link')
  const made = await testbed.session('hubspot', { return_url: 'https://app.acme.example/settings' })
  await tab.open(made.url)
  await walkTo(tab, 'Continue')
  await tab.enter()
  await walkTo(tab, 'Cancel')
  await tab.enter()
  expect(await title(tab)).toBe('Nothing was connected')
  await inspectQuietly(tab, 'refused-consent')
})

async function inspectQuietly(tab: Tab, name: string): Promise<void> {
  for (const [width, scheme] of views) {
    await tab.look(width, scheme)
    writeFileSync(join(pictures, `${name}-${width}-${scheme}.png`), await tab.picture())
    const seen = await tab.ask<Seen>(examine)
    expect([name, seen.width, seen.headings]).toEqual([name, width, 1])
    expect(seen.contrast, `${name}: ${seen.at}`).toBeGreaterThanOrEqual(4.5)
  }
}

test.skipIf(chromiumPath === undefined)(
  'the browser does tell: a page that breaks its policy is complained of',
  async () => {
    const tab = await browser.tab()
    const made = await testbed.session('hubspot')
    await tab.open(made.url)
    await tab.ask(`(async () => {
    document.body.append(Object.assign(document.createElement('img'), { src: 'https://evil.example/x.png' }))
    document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.broken = true' }))
    await new Promise((done) => setTimeout(done, 200))
  })()`)
    expect(await tab.ask('window.broken === undefined')).toBe(true)
    expect(tab.complaints.join('\n')).toMatch(/Content Security Policy/i)
  },
)
