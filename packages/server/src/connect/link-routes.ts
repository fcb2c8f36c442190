/**
 * @module
 * `/connect/<token>`: the page that the link opens, and its button. Opening the link binds nothing, so that a preview
 * or a mail scanner cannot use it up; the first browser that presses the button is the only one that can go on.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { Hono } from 'hono'
import type { ConnectSession } from '../entities/connect-session.ts'
import { hashToken, isUrlToken, newUrlToken } from '../keys/tokens.ts'
import {
  type BrowserBinding,
  csrfToken,
  ensureBrowserBinding,
  isCsrfToken,
  readBrowserBinding,
} from './browser-binding.ts'
import type { ConnectFlowDeps } from './connect-flow-deps.ts'
import { consentPage } from './connect-pages.ts'
import { pageResponse, refusalPage } from './html-page.ts'
import { type ProviderContext, providerContext } from './provider-context.ts'
import { readForm } from './read-form.ts'
import { sealVerifier } from './sealed-step.ts'

/** How long the trip to the system may take (the MCP security guidance asks for about ten minutes). */
const TRIP_MS = 600_000

export function linkRoutes(deps: ConnectFlowDeps): Hono {
  const routes = new Hono()

  routes.get('/:token', async (c) => {
    const opened = await openLink(deps, c.req.param('token'))
    const known = readBrowserBinding(c, deps.publicUrl())
    if (!opened || !mayBegin(opened.session, known)) return gone(opened?.session)
    const browser = ensureBrowserBinding(c, deps.publicUrl())
    const { session, provider } = opened
    const page = consentPage({
      session,
      connector: provider.connector,
      csrfToken: csrfToken(browser, 'begin', session.id),
      authorizeOrigin: new URL(provider.endpoints.authorize).origin,
    })
    return withCookies(c, await pageResponse(page))
  })

  routes.post('/:token', async (c) => {
    const opened = await openLink(deps, c.req.param('token'))
    const browser = readBrowserBinding(c, deps.publicUrl())
    if (!opened || !mayBegin(opened.session, browser)) return gone(opened?.session)
    const { session, provider } = opened
    const form = await readForm(c.req.raw)
    if (!browser || !isCsrfToken(form.get('form_token'), browser, 'begin', session.id)) {
      const advice = 'Open the link again in this browser, with cookies allowed, and press the button there.'
      return pageResponse(refusalPage(403, 'This browser did not show the page that the button belongs to.', advice))
    }
    const [state, verifier] = [newUrlToken(), randomBytes(32).toString('base64url')]
    await deps.events.counted({ event: 'connect.begun', tenant: session.tenant, actor: session.id })
    const begun = await deps.store.connectSessions.begin(
      session.id,
      {
        cookieHash: browser.hash,
        stateHash: hashToken(state),
        sealed: sealVerifier(deps.ring, session, verifier),
        until: deps.now() + TRIP_MS,
      },
      deps.now(),
    )
    if (!begun) return gone(session)
    deps.log.info({ connect_session: session.id, system: session.system }, 'connect_begun')
    return c.redirect(authorizeUrl(provider, session, { state, verifier }), 303)
  })

  return routes
}

interface Opened {
  readonly session: ConnectSession
  readonly provider: ProviderContext
}

async function openLink(deps: ConnectFlowDeps, token: string): Promise<Opened | undefined> {
  const session = isUrlToken(token) ? await deps.store.connectSessions.findByToken(hashToken(token)) : undefined
  if (!session || session.expiresAt <= deps.now()) return undefined
  const provider = providerContext(deps, session.tenant, session.system)
  return provider && { session, provider }
}

function mayBegin(session: ConnectSession, browser: BrowserBinding | undefined): boolean {
  if (session.status === 'open') return true
  const own = browser !== undefined && browser.hash === session.cookieHash
  return own && (session.status === 'bound' || session.status === 'review')
}

/** One answer for what never was, has ended, or belongs to another browser. */
function gone(session: ConnectSession | undefined): Promise<Response> {
  const reason = 'A connect link works for a short time, once, and in one browser.'
  return pageResponse(refusalPage(session ? 410 : 404, reason, 'Ask for a new link where you got this one.'))
}

/** RFC 6749 §4.1.1 with the challenge of RFC 7636. */
function authorizeUrl(
  provider: ProviderContext,
  session: ConnectSession,
  secrets: { state: string; verifier: string },
): string {
  const { auth } = provider.connector
  const optional = session.scopes.filter((scope) => auth.scopes.optional.includes(scope))
  const apart = auth.optionalScopeParameter
  const together = apart === undefined ? session.scopes : session.scopes.filter((scope) => !optional.includes(scope))
  const url = new URL(provider.endpoints.authorize)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: provider.app.clientId,
    redirect_uri: provider.redirectUri,
    scope: together.join(' '),
    ...(apart === undefined || optional.length === 0 ? {} : { [apart]: optional.join(' ') }),
    state: secrets.state,
    code_challenge: createHash('sha256').update(secrets.verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  return url.href
}

/** hono adds the cookies of a context to its own responses only. */
function withCookies(c: Context, response: Response): Response {
  return c.newResponse(response.body, response)
}
