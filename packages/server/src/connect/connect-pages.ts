/**
 * @module
 * The pages of a connect flow that succeeds, consent, review and connected, and the one after a cancellation.
 */
import type { Connector, ProviderIdentity } from '@quartermaster/connectors'
import { html } from 'hono/html'
import type { ConnectSession } from '../entities/connect-session.ts'
import type { HiddenTool } from '../tools/hidden-tools.ts'
import type { Page } from './html-page.ts'

/** Names tenant and system and each scope with its reason. */
export function consentPage(input: {
  readonly session: ConnectSession
  readonly connector: Connector
  readonly csrfToken: string
  readonly authorizeOrigin: string
}): Page {
  const { session, connector, csrfToken, authorizeOrigin } = input
  const { label, auth } = connector
  const listed = (names: readonly string[]) =>
    names
      .filter((scope) => session.scopes.includes(scope))
      .map((scope) => html`<li>${auth.scopeReasons.get(scope) ?? ''}<br><code>${scope}</code></li>`)
  const [required, optional] = [listed(auth.scopes.required), listed(auth.scopes.optional)]
  const again = session.accountId === undefined ? '' : ' again'
  return {
    status: 200,
    title: `Connect ${label}${again} for ${session.tenant}`,
    stepIndicator: { step: 1, system: label, tenant: session.tenant },
    formTargets: ["'self'", authorizeOrigin, ...auth.pages.map((host) => `https://${host}`)],
    body: html`<h1>Connect ${label}${again} for ${session.tenant}</h1>
<p>AI agents of <strong>${session.tenant}</strong> will work with your ${label} data. ${label} will ask you to sign in and to agree; your password stays there.</p>
<h2>Needed</h2>
<ul>${required}</ul>
${optional.length > 0 ? html`<h2>Optional</h2><p class="muted">Without these, the tools that need them are left out.</p><ul>${optional}</ul>` : ''}
<form method="post"><input type="hidden" name="form_token" value="${csrfToken}"><button>Continue to ${label}</button></form>
<p class="muted note">Continue only if you asked for this link yourself. Nothing is stored before you have seen and confirmed which account it is.</p>`,
  }
}

/** Shows whom the system says the person is, before anything is stored. */
export function reviewPage(input: {
  readonly session: ConnectSession
  readonly connector: Connector
  readonly identity: ProviderIdentity
  readonly missing: readonly string[]
  /** The system's maximum of grants, when the person has reached it. */
  readonly grantLimit: number | undefined
  readonly csrfToken: string
}): Page {
  const { session, connector, identity, missing, grantLimit, csrfToken } = input
  const { label } = connector
  return {
    status: 200,
    title: `Confirm your ${label} account`,
    stepIndicator: { step: 2, system: label, tenant: session.tenant },
    formTargets: ["'self'"],
    body: html`<h1>You are connecting ${identity.org} as ${identity.user}</h1>
<p>Check that this is the account you mean. Nothing has been stored yet.</p>
<dl><div><dt>System</dt><dd>${label}</dd></div><div><dt>Organisation</dt><dd>${identity.org} <code>${identity.orgId}</code></dd></div><div><dt>User</dt><dd>${identity.user}</dd></div><div><dt>For agents of</dt><dd>${session.tenant}</dd></div></dl>
${missing.length > 0 ? html`<p class="warn">Not granted: ${missing.join(', ')}. The tools that need this will be left out.</p>` : ''}
${grantLimit === undefined ? '' : html`<p class="warn">${label} keeps ${grantLimit} grants for each user and app. You have given that many already: connecting again may silently end the oldest one, and whatever works with it stops.</p>`}
<form method="post"><input type="hidden" name="form_token" value="${csrfToken}"><button name="decision" value="confirm">Confirm</button><button class="quiet" name="decision" value="cancel">Cancel</button></form>`,
  }
}

/** Says what was connected, and which tools are left out for want of a scope. */
export function connectedPage(input: {
  readonly session: ConnectSession
  readonly connector: Connector
  readonly identity: ProviderIdentity
  readonly hidden: readonly HiddenTool[]
  readonly returnUrl: string | undefined
}): Page {
  const { session, connector, identity, hidden, returnUrl } = input
  return {
    status: 200,
    title: `${connector.label} is connected`,
    stepIndicator: { step: 3, system: connector.label, tenant: session.tenant },
    body: html`<h1>${connector.label} is connected</h1>
<p>Agents of <strong>${session.tenant}</strong> now work with <strong>${identity.org}</strong> as ${identity.user}.</p>
${returnUrl === undefined ? html`<p>You can close this window.</p>` : html`<p><a class="button" href="${returnUrl}" rel="noreferrer">Back to ${new URL(returnUrl).host}</a></p>`}
${
  hidden.length > 0
    ? html`<details><summary>${hidden.length === 1 ? 'One tool is' : `${hidden.length} tools are`} left out</summary><p class="muted">They need access that this connection does not have.</p><ul>${hidden.map(({ name, missing_scopes }) => html`<li>${name}<br><code>${missing_scopes.join(', ')}</code></li>`)}</ul></details>`
    : ''
}`,
  }
}

export function cancelledPage(connector: Connector, returnUrl: string | undefined): Page {
  return {
    status: 200,
    title: 'Nothing was connected',
    body: html`<h1>Nothing was connected</h1>
<p>You cancelled, and nothing was stored. ${connector.label} may still list the app as allowed; you can remove it there.</p>
${returnUrl === undefined ? '' : html`<p><a class="button" href="${returnUrl}" rel="noreferrer">Back to ${new URL(returnUrl).host}</a></p>`}`,
  }
}
