/**
 * @module
 * One trip of a customer's person through the connect pages, to the account at its end.
 */
import { formTokenOf, openBrowser } from '../connect/browser.ts'
import type { ConnectLink, KnownGrant } from './facts.ts'
import type { Running } from './installation.ts'
import { VENDORS, type Vendors } from './vendors.ts'

export interface Connected {
  readonly link: ConnectLink
  readonly accountId: string
  readonly grant: KnownGrant
}

export async function makeLink(server: Running, tenant: string, system: string): Promise<ConnectLink> {
  // The longest that there is.
  const made = await server.ask('POST', '/connect-session', { tenant, system, expires_in_s: 14_400 })
  return { id: String(made['id']), token: String(made['url']).split('/').at(-1) ?? '' }
}

/** @throws Error when a page is not the one that should come. */
export async function connectAccount(
  server: Running,
  vendors: Vendors,
  tenant: string,
  system: string,
): Promise<Connected> {
  const link = await makeLink(server, tenant, system)
  const browser = openBrowser(Date.now)
  const page = await browser.get(`${server.url}/connect/${link.token}`)
  const begun = await browser.post(`${server.url}/connect/${link.token}`, { form_token: formTokenOf(page.text) })
  const authorize = new URL((begun.location ?? '').replace(`http://${VENDORS}`, vendors.url))
  const approved = await browser.post(authorize.href, { decision: 'approve' })
  const back = await browser.get(approved.location ?? '')
  const review = await browser.get(back.location ?? '')
  const form = { form_token: formTokenOf(review.text), decision: 'confirm' }
  const done = await browser.post(back.location ?? '', form)
  if (done.status !== 200) throw new Error(`Cannot connect ${system}: ${done.status} ${done.text}`)
  const { account, status, scopes } = await server.ask('GET', `/connect-session/${link.id}`)
  if (status !== 'connected') throw new Error(`Cannot connect ${system}: the session is ${status}`)
  return { link, accountId: String(account), grant: vendors.lastGrant(tenant, system, (scopes as string[]).join(' ')) }
}
