/**
 * @module
 * `/connect/review/<id>`: shows whose account it is, and stores the grant when the user confirms. The id is no
 * secret; only the browser that began can see the page.
 */
import { Hono } from 'hono'
import { ConnectRefused } from '../accounts/connect-account.ts'
import { reachedGrantLimit } from '../accounts/grant-limit.ts'
import { hiddenTools } from '../tools/hidden-tools.ts'
import { csrfToken, isCsrfToken, readBrowserBinding } from './browser-binding.ts'
import type { ConnectFlowDeps } from './connect-flow-deps.ts'
import { cancelledPage, connectedPage, reviewPage } from './connect-pages.ts'
import { pageResponse, refusalPage } from './html-page.ts'
import { providerContext } from './provider-context.ts'
import { readForm } from './read-form.ts'
import { returnTo } from './return-url.ts'
import { openPending } from './sealed-step.ts'
import { storeConnection } from './store-connection.ts'

export function reviewRoutes(deps: ConnectFlowDeps): Hono {
  const { now, ring } = deps
  const { connectSessions } = deps.store
  const routes = new Hono()

  routes.get('/:id', async (c) => {
    const browser = readBrowserBinding(c, deps.publicUrl())
    const session = await connectSessions.find(c.req.param('id'))
    if (!browser || session?.status !== 'review' || session.cookieHash !== browser.hash || session.stepUntil <= now())
      return over()
    const provider = providerContext(deps, session.tenant, session.system)
    const pending = openPending(ring, session)
    if (!provider || !pending) return over()
    const { identity, answer } = pending
    const missing = session.scopes.filter((scope) => !answer.scopes?.includes(scope))
    const token = csrfToken(browser, 'review', session.id)
    const { connector } = provider
    const grantLimit = await reachedGrantLimit(deps.store, connector, identity)
    return pageResponse(reviewPage({ session, connector, identity, missing, grantLimit, csrfToken: token }))
  })

  routes.post('/:id', async (c) => {
    const browser = readBrowserBinding(c, deps.publicUrl())
    const id = c.req.param('id')
    const form = await readForm(c.req.raw)
    if (!browser || !isCsrfToken(form.get('form_token'), browser, 'review', id)) return over()
    const decision = form.get('decision')
    if (decision !== 'confirm' && decision !== 'cancel') return over()
    const session = await connectSessions.takeReview(id, browser.hash, now())
    const provider = session && providerContext(deps, session.tenant, session.system)
    const pending = session && openPending(ring, session)
    if (!provider || !pending) return over()
    const { connector } = provider
    const back = (result: 'connected' | 'cancelled') =>
      session.returnUrl === undefined ? undefined : returnTo(session.returnUrl, session.id, result)
    if (decision === 'cancel') {
      // The grant is not revoked: some systems give one refresh token per user and app, and another account may live
      // on the same one.
      await deps.events.note({ event: 'connect.cancelled', tenant: session.tenant, actor: id })
      await connectSessions.finish(id, 'cancelled', undefined)
      deps.log.info({ connect_session: id, system: session.system }, 'connect_cancelled')
      return pageResponse(cancelledPage(connector, back('cancelled')))
    }
    try {
      const event = session.accountId === undefined ? 'account.connected' : 'account.reconnected'
      const account = await deps.events.around(
        { event, tenant: session.tenant, actor: id, ...(session.accountId ? { accountId: session.accountId } : {}) },
        () => storeConnection(deps, session, provider, pending),
        (connected) => ({ accountId: connected.id }),
      )
      await connectSessions.finish(id, 'connected', account.id)
      const facts = { connect_session: id, system: session.system, account_id: account.id }
      deps.log.info(facts, 'connect_finished')
      const limit = await reachedGrantLimit(deps.store, connector, pending.identity)
      if (limit !== undefined) deps.log.warn({ ...facts, limit }, 'grants_at_limit')
      const hidden = hiddenTools(connector, account.scopes)
      const { identity } = pending
      return pageResponse(connectedPage({ session, connector, identity, hidden, returnUrl: back('connected') }))
    } catch (error) {
      await connectSessions.fail(id, 'not_stored')
      if (!(error instanceof ConnectRefused)) throw error
      return pageResponse(refusalPage(409, error.message, 'Ask for a new link where you got this one.'))
    }
  })

  return routes
}

function over(): Promise<Response> {
  const reason = 'There is nothing to confirm here: it was decided already, took too long, or began in another browser.'
  return pageResponse(refusalPage(410, reason, 'Go back to the link you were given and begin again.'))
}
