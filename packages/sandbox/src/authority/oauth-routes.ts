/**
 * @module
 * The authority over HTTP at the vendor's own paths: authorize, token, revoke, introspect, and describe.
 */
import type { Context } from 'hono'
import { Hono } from 'hono'
import type { VendorAccount, VendorEnv } from '../vendor.ts'
import type { OAuthCall, OAuthProblem, VendorOAuth } from '../vendor-oauth.ts'
import { type Authority, objectTo } from './authority.ts'
import { consentPage, refusalPage } from './consent-page.ts'

/** What the OAuth endpoints of a vendor are made of. */
export interface OAuthRouteDeps {
  readonly vendor: string
  readonly oauth: VendorOAuth
  readonly account: VendorAccount
  readonly authority: Authority
  readonly now: () => number
  readonly baseUrl: () => string
  /** Called for every token call with a grant type that the vendor knows. */
  readonly onTokenCall: (grantType: string) => void
}

type Call = Context<VendorEnv>

/** The OAuth endpoints at the vendor's paths; every other path is left alone. */
export function oauthRoutes(deps: OAuthRouteDeps): Hono<VendorEnv> {
  const { vendor, oauth, account, authority, now, baseUrl, onTokenCall } = deps
  const app = new Hono<VendorEnv>()

  const describeCall = (c: Call, form: URLSearchParams): OAuthCall => {
    const clientId = form.get('client_id') ?? ''
    const clientSecret = authority.client(clientId)?.clientSecret ?? ''
    return { path: c.req.path, baseUrl: baseUrl(), account, clientId, clientSecret, now: now() }
  }

  const ask = (c: Call) => {
    const query = new URL(c.req.url).searchParams
    const objection = objectTo(authority, query)
    if (objection) return c.html(refusalPage(vendor, objection), 400)
    const method = query.get('code_challenge_method') ?? 'S256'
    const responseType = query.get('response_type') ?? 'code'
    if (responseType !== 'code') return sendBack(c, query, { error: 'unsupported_response_type' })
    if (method !== 'S256') return sendBack(c, query, { error: 'invalid_request' })
    if (query.get('as')) return sendBack(c, query, { code: authority.approve(query) })
    const clientId = query.get('client_id') ?? ''
    return c.html(consentPage({ vendor, account: account.domain, clientId, scopes: oauth.grantedScopes(query) }))
  }

  const decide = async (c: Call) => {
    const query = new URL(c.req.url).searchParams
    const objection = objectTo(authority, query)
    if (objection) return c.html(refusalPage(vendor, objection), 400)
    const decision = (await readForm(c)).get('decision')
    if (decision === 'approve') return sendBack(c, query, { code: authority.approve(query) })
    return sendBack(c, query, { error: 'access_denied', error_description: 'end-user denied authorization' })
  }

  const token = async (c: Call) => {
    const form = await readForm(c)
    const call = describeCall(c, form)
    const grantType = form.get('grant_type') ?? ''
    if (oauth.grantTypes.some((known) => known === grantType)) onTokenCall(grantType)
    const outcome = authority.exchange(form)
    if (typeof outcome === 'string') return oauth.error(outcome, call)
    return Response.json(oauth.tokenBody(outcome, call), {
      headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
    })
  }

  const revoke = async (c: Call) => {
    const form = await readForm(c)
    const call = describeCall(c, form)
    const problem = clientProblem(form, oauth.revokeNeedsClient)
    if (problem) return oauth.error(problem, call)
    return authority.tokens.revoke(form.get('token') ?? '') ? oauth.revoked(call) : oauth.error('token_unknown', call)
  }

  const introspect = async (c: Call) => {
    const form = await readForm(c)
    const call = describeCall(c, form)
    const problem = clientProblem(form, true)
    if (problem) return oauth.error(problem, call)
    return c.json(oauth.introspectBody(authority.tokens.look(form.get('token') ?? ''), call))
  }

  const clientProblem = (form: URLSearchParams, needed: boolean): OAuthProblem | undefined => {
    const client = needed ? authority.authenticate(form) : undefined
    return typeof client === 'string' ? client : undefined
  }

  const describe = (c: Call) => {
    const call = describeCall(c, new URLSearchParams())
    const known = authority.tokens.look(c.req.param('token') ?? '')
    return known && oauth.describeBody ? c.json(oauth.describeBody(known, call)) : oauth.error('token_unknown', call)
  }

  const forget = (c: Call) => {
    const revoked = authority.tokens.revoke(c.req.param('token') ?? '')
    return revoked ? c.body(null, 204) : oauth.error('token_unknown', describeCall(c, new URLSearchParams()))
  }

  for (const path of oauth.authorizePaths) app.get(path, ask).post(path, decide)
  for (const path of oauth.revokePaths) app.post(path, revoke)
  for (const path of oauth.introspectPaths) app.post(path, introspect)
  for (const path of oauth.tokenPaths) app.post(path, token)
  for (const path of oauth.describePaths) app.get(`${path}/:token`, describe).delete(`${path}/:token`, forget)
  return app
}

async function readForm(c: Call): Promise<URLSearchParams> {
  return new URLSearchParams(await c.req.text())
}

/** Redirects to the client, with the `state` that it sent. */
function sendBack(c: Call, query: URLSearchParams, answer: { readonly [name: string]: string }): Response {
  const target = new URL(query.get('redirect_uri') ?? '')
  for (const [name, value] of Object.entries(answer)) target.searchParams.set(name, value)
  const state = query.get('state')
  if (state !== null) target.searchParams.set('state', state)
  return c.redirect(target.toString(), 302)
}
