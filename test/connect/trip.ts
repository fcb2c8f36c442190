/**
 * @module
 * One trip through connecting, up to the point at which a test does something else.
 */
import type { Answer, Browser } from './browser.ts'
import { formTokenOf } from './browser.ts'
import type { ConnectTestbed, Made } from './connect-testbed.ts'

export interface Trip {
  readonly browser: Browser
  readonly made: Made
  readonly system: string
  /** Where the button led. */
  readonly authorize: URL
  readonly state: string
  /** Calls back as the system would, with these parameters. */
  back(query: Readonly<Record<string, string>> | URLSearchParams, system?: string, browser?: Browser): Promise<Answer>
  /** Has the faked vendor approve; a code for the parameters of `authorize`, or for changed ones. */
  code(change?: (query: URLSearchParams) => void): Promise<string>
}

export async function begun(
  testbed: ConnectTestbed,
  system = 'hubspot',
  more: Readonly<Record<string, unknown>> = {},
  browser: Browser = testbed.browser(),
): Promise<Trip> {
  const made = await testbed.session(system, more)
  const sent = await testbed.begin(browser, made.url)
  if (sent.status !== 303 || sent.location === undefined) throw new Error(`Cannot begin: ${sent.status} ${sent.text}`)
  const authorize = new URL(sent.location)
  return {
    browser,
    made,
    system,
    authorize,
    state: authorize.searchParams.get('state') ?? '',
    back: (query, at = system, by = browser) =>
      by.get(`${testbed.url}/oauth/callback/${at}?${new URLSearchParams(query as Record<string, string>)}`),
    async code(change = () => undefined) {
      const url = new URL(authorize)
      change(url.searchParams)
      const answer = await testbed.browser().post(url.href, { decision: 'approve' })
      return new URL(answer.location ?? 'http://nowhere.invalid').searchParams.get('code') ?? ''
    },
  }
}

/** A trip that has come to the page which asks for confirmation. */
export async function reviewed(
  testbed: ConnectTestbed,
  system = 'hubspot',
  more: Readonly<Record<string, unknown>> = {},
) {
  const trip = await begun(testbed, system, more)
  const answer = await trip.back({ state: trip.state, code: await trip.code() })
  if (answer.location === undefined) throw new Error(`Cannot come to the review: ${answer.status} ${answer.text}`)
  const page = await trip.browser.get(answer.location)
  return { ...trip, reviewUrl: answer.location, formToken: formTokenOf(page.text) }
}

/** What an honest authority of a system would answer, for tests to bend. */
export function honest(testbed: ConnectTestbed, system: 'hubspot' | 'salesforce') {
  const base = `${testbed.hostile.url}/globex/${system}`
  const token: Record<string, unknown> =
    system === 'hubspot'
      ? {
          access_token: 'at-1',
          refresh_token: 'rt-1',
          expires_in: 1800,
          token_type: 'bearer',
          scopes: [
            'oauth',
            'crm.objects.contacts.read',
            'crm.objects.companies.read',
            'crm.objects.deals.read',
            'crm.objects.owners.read',
          ],
        }
      : {
          access_token: 'at-1',
          refresh_token: 'rt-1',
          token_type: 'Bearer',
          scope: 'api refresh_token',
          instance_url: base,
          id: `${base}/id/00D1/0051`,
        }
  const identity: Record<string, unknown> =
    system === 'hubspot'
      ? { active: true, hub_id: 77, hub_domain: 'globex.example', user: 'hank@globex.example', user_id: 9 }
      : { organization_id: '00D1', user_id: '0051', username: 'hank@globex.example' }
  return { token, identity }
}

export interface Reply {
  readonly status?: number
  readonly type?: string
  readonly body: string
}

/** A trip of the tenant `globex`, whose authority answers with these. */
export async function globexTrip(
  testbed: ConnectTestbed,
  system: 'hubspot' | 'salesforce',
  bend: { readonly token?: object | Reply; readonly identity?: object | Reply } = {},
  more: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const good = honest(testbed, system)
  const reply = (normal: object, bent: object | Reply | undefined): Reply =>
    bent && 'body' in bent ? bent : { body: JSON.stringify({ ...normal, ...bent }) }
  testbed.hostile.answer = (path) =>
    /\/token$/.test(path) ? reply(good.token, bend.token) : reply(good.identity, bend.identity)
  const trip = await begun(testbed, system, { tenant: 'globex', ...more })
  return trip.back({ state: trip.state, code: 'any-code' })
}
