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

export interface Page {
  readonly status: 200 | 400 | 403 | 404 | 409 | 410 | 502
  readonly title: string
  readonly body: Html
  /** Where forms of the page may lead, redirects included. */
  readonly formTargets?: readonly string[]
}

const styleHash = createHash('sha256').update(pageStyle).digest('base64')

export async function pageResponse({ status, title, body, formTargets = [] }: Page): Promise<Response> {
  const document = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${raw(pageStyle)}</style>
</head>
<body><main>${body}</main></body>
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

/** A page that says why nothing was connected. */
export function refusalPage(status: Page['status'], reason: string, advice: string): Page {
  const title = problemTitle(status)
  return { status, title, body: html`<h1>${title}</h1><p>${reason}</p><p class="muted">${advice}</p>` }
}
