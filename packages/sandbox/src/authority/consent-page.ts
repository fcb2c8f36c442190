/**
 * @module
 * The page on which a person lets an application in, or does not. Plain HTML, no script, everything escaped.
 */
import { html } from 'hono/html'

/** What a person is asked. */
export interface ConsentQuestion {
  readonly vendor: string
  readonly account: string
  readonly clientId: string
  readonly scopes: readonly string[]
}

/** Two buttons that post `decision=approve` or `decision=deny` back to the page's own URL. */
export function consentPage({ vendor, account, clientId, scopes }: ConsentQuestion) {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Connect ${clientId} to ${vendor} (sandbox)</title></head>
<body><main><h1>${clientId} wants to use your ${vendor} account</h1>
<p>Account: ${account}. This is the sandbox: no real data is behind it.</p>
<ul>${scopes.map((scope) => html`<li>${scope}</li>`)}</ul>
<form method="post"><button name="decision" value="approve">Connect app</button>
<button name="decision" value="deny">Cancel</button></form></main></body></html>`
}

/** Shown instead of a redirect when it is not known where to redirect to. */
export function refusalPage(vendor: string, reason: string) {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Authorization failed</title></head>
<body><main><h1>Authorization failed</h1><p>Cannot connect to ${vendor}: ${reason}.</p></main></body></html>`
}
