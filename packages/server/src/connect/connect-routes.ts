/**
 * @module
 * Where a customer's user connects an account by OAuth: a product makes a session, its link asks for consent, the
 * system's authorization server sends the user back, and the user confirms which account it is.
 */
import { Hono } from 'hono'
import { callbackRoutes } from './callback-routes.ts'
import type { ConnectFlowDeps } from './connect-flow-deps.ts'
import { linkRoutes } from './link-routes.ts'
import { reviewRoutes } from './review-routes.ts'
import { sessionRoutes } from './session-routes.ts'

export function connectRoutes(deps: ConnectFlowDeps): Hono {
  const routes = new Hono()
  routes.route('/connect-session', sessionRoutes(deps))
  routes.route('/connect', linkRoutes(deps))
  routes.route('/oauth/callback', callbackRoutes(deps))
  routes.route('/connect/review', reviewRoutes(deps))
  return routes
}
