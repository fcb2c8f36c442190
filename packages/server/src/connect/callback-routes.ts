/**
 * @module
 * `/oauth/callback/<system>`: the redirect URI. A state works once, for its own system, in the browser that began;
 * every fault of it has the same answer.
 */
import { Hono } from 'hono'
import { hashToken, isUrlToken } from '../keys/tokens.ts'
import { readBrowserBinding } from './browser-binding.ts'
import type { ConnectFlowDeps } from './connect-flow-deps.ts'
import { type Page, pageResponse, refusalPage } from './html-page.ts'
import { providerContext } from './provider-context.ts'
import { type GrantRefusal, redeemAuthorizationCode } from './redeem-authorization-code.ts'
import { openVerifier, sealPending } from './sealed-step.ts'

const REVIEW_MS = 600_000

export function callbackRoutes(deps: ConnectFlowDeps): Hono {
  const { store, now } = deps
  const routes = new Hono()

  routes.get('/:system', async (c) => {
    const query = new URL(c.req.url).searchParams
    const [state, ...more] = query.getAll('state')
    const browser = readBrowserBinding(c, deps.publicUrl())
    if (state === undefined || more.length > 0 || !isUrlToken(state) || !browser) return unknown()
    const step = { stateHash: hashToken(state), system: c.req.param('system'), cookieHash: browser.hash }
    const session = await store.connectSessions.takeState(step, now())
    const provider = session && providerContext(deps, session.tenant, session.system)
    if (!session || !provider) return unknown()

    const refuse = async (reason: GrantRefusal | 'step_lost') => {
      const { tenant, id: actor } = session
      await deps.events.note({ event: 'connect.refused', tenant, actor, outcome: reason })
      await store.connectSessions.fail(session.id, reason)
      deps.log.warn({ connect_session: session.id, system: session.system, reason }, 'connect_refused')
      return pageResponse(refusals[reason](provider.connector.label))
    }
    const codeVerifier = openVerifier(deps.ring, session)
    if (codeVerifier === undefined) return refuse('step_lost')
    const received = await redeemAuthorizationCode(deps, session, provider, { query, state, codeVerifier })
    if (!received.ok) return refuse(received.reason)
    const sealed = sealPending(deps.ring, session, received.pending)
    if (!(await store.connectSessions.review(session.id, sealed, now() + REVIEW_MS))) return unknown()
    return c.redirect(`/connect/review/${session.id}`, 303)
  })

  return routes
}

function unknown(): Promise<Response> {
  const reason = 'This sign-in was not begun in this browser, was used already, or has taken too long.'
  return pageResponse(refusalPage(400, reason, 'Go back to the link you were given and begin again.'))
}

const again = 'If you change your mind, open the same link again in this browser.'

const refusals: Readonly<Record<GrantRefusal | 'step_lost', (label: string) => Page>> = {
  access_denied: (label) => refusalPage(403, `You did not give access to ${label}, so nothing was stored.`, again),
  bad_response: (label) => refusalPage(400, `The answer that came back is not one that ${label} gives.`, again),
  authority_error: (label) =>
    refusalPage(
      502,
      `${label} refused to connect.`,
      'Ask your administrator whether the app is allowed there, then open the same link again.',
    ),
  code_refused: (label) =>
    refusalPage(502, `${label} did not hand out a grant.`, 'Open the same link again in this browser.'),
  foreign_host: (label) =>
    refusalPage(
      502,
      `The grant leads to a host that is not one of ${label}'s.`,
      'Nothing was stored. Tell whoever gave you the link.',
    ),
  identity_unknown: (label) =>
    refusalPage(
      502,
      `${label} did not say whose account this is.`,
      'Nothing was stored. Open the same link again in this browser.',
    ),
  scopes_missing: (label) =>
    refusalPage(
      403,
      `${label} granted less than what is needed to work.`,
      'Open the same link again and allow everything that is listed as needed.',
    ),
  other_identity: (label) =>
    refusalPage(
      409,
      `This is not the ${label} account that was connected before. The earlier connection stays as it was.`,
      'Sign out there, open the same link again, and sign in as the same user of the same organisation.',
    ),
  step_lost: () => refusalPage(400, 'This sign-in can no longer be completed.', again),
}
