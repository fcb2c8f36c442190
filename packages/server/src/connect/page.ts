/**
 * @module
 * The frame of every page that a person sees: plain HTML and one inline style, no script, nothing from elsewhere.
 * Everything that is put into it is escaped.
 */
import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import { pageStyle } from './page-style.ts'
import { problemTitle } from './page-titles.ts'

export type Html = ReturnType<typeof html>

export interface StepIndicator {
  readonly step: 1 | 2 | 3
  readonly system: string
  readonly tenant: string
}

export interface Page {
  readonly status: 200 | 400 | 403 | 404 | 409 | 410 | 502
  readonly title: string
  readonly body: Html
  /** Where on the way the page stands; without it, the page is an end of the way. */
  readonly stepIndicator?: StepIndicator
  /** Where forms of the page may lead, redirects included. */
  readonly formTargets?: readonly string[]
}

const styleHash = createHash('sha256').update(pageStyle).digest('base64')

export async function pageResponse({ status, title, body, stepIndicator, formTargets = [] }: Page): Promise<Response> {
  const document = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${raw(pageStyle)}</style>
</head>
<body><main>${stepIndicator === undefined ? html`<header>${stopped}</header>` : stepHeader(stepIndicator)}${body}</main></body>
</html>`
  return new Response(document.toString(), {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': [
        "default-src 'none'",
        `style-src 'sha256-${styleHash}'`,
        `form-action ${formTargets.join(' ') || "'none'"}`,
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
    },
  })
}

const icon = (path: string) =>
  html`<svg width="22" height="22" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="${path}"/></svg>`
const stopped = html`<span class="badge bad">${icon('M12 7v6M12 17h.01')}</span>`
const done = html`<span class="badge good">${icon('M5 12.5l4.5 4.5L19 7.5')}</span>`

/** Who is being joined with whom, for the eye only: the heading says it in words. */
function stepHeader({ step, system, tenant }: StepIndicator): Html {
  const badge = (name: string) => html`<span class="badge" aria-hidden="true">${initial(name)}</span>`
  const middle = step === 3 ? done : icon('M4 9h15l-3.5-3.5M20 15H5l3.5 3.5')
  return html`<header>${badge(system)}${middle}${badge(tenant)}<p class="step">Step ${step} of 3</p></header>`
}

function initial(name: string): string {
  return [...name].at(0)?.toUpperCase() ?? ''
}

/** A page that says why nothing was connected. */
export function refusalPage(status: Page['status'], reason: string, advice: string): Page {
  const title = problemTitle(status)
  return { status, title, body: html`<h1>${title}</h1><p>${reason}</p><p class="muted">${advice}</p>` }
}
