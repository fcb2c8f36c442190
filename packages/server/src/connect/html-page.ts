/**
 * @module
 * The frame of every HTML page: one inline style, no script, nothing from another host. Every inserted value is
 * escaped.
 */
import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'

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
  /** Which of the three steps the page shows; left out on a page that ends the flow. */
  readonly stepIndicator?: StepIndicator
  /** Where forms of the page may lead, redirects included. */
  readonly formTargets?: readonly string[]
}

/** One constant, so that the content security policy can name its hash. */
const pageStyle = `
:root{color-scheme:light dark;--ink:#16202e;--soft:#55617a;--paper:#fff;--ground:#f0f3f8;--line:#dde3ec;--act:#1c4fa0;--act-over:#163f82;--act-ink:#fff;--tint:#e8effb;--good:#12734a;--good-tint:#e2f5eb;--warn:#874600;--warn-tint:#fff3e0;--shade:0 1px 2px #1620301a,0 12px 32px #1620301a}
@media (prefers-color-scheme:dark){:root{--ink:#e9eef6;--soft:#a6b2c6;--paper:#171f2b;--ground:#0d131b;--line:#2d3849;--act:#8ab8ff;--act-over:#a9caff;--act-ink:#0b1420;--tint:#20304a;--good:#7fdcae;--good-tint:#17382a;--warn:#ffc27a;--warn-tint:#3a2a12;--shade:0 12px 32px #0006}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;grid-template-columns:minmax(0,1fr);place-items:center;padding:1.5rem;background:var(--ground);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
main{width:100%;max-width:35rem;background:var(--paper);border:1px solid var(--line);border-radius:16px;padding:2.25rem;box-shadow:var(--shade)}
header{display:flex;align-items:center;gap:.6rem;margin-bottom:1.5rem}
.badge{width:2.75rem;height:2.75rem;flex:none;border-radius:12px;display:grid;place-items:center;font-weight:700;font-size:1.2rem;background:var(--tint);color:var(--act)}
.badge.good{background:var(--good-tint);color:var(--good)}
.badge.bad{background:var(--warn-tint);color:var(--warn)}
header svg{flex:none;color:var(--soft)}
.badge svg{color:inherit}
.step{margin:0 0 0 auto;color:var(--soft);font-size:.875rem}
h1{font-size:1.5rem;line-height:1.25;letter-spacing:-.01em;margin:0 0 .75rem;text-wrap:balance}
h2{font-size:.8125rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft);margin:1.75rem 0 .5rem}
p{margin:.5rem 0}
ul{list-style:none;margin:.5rem 0;padding:0;border:1px solid var(--line);border-radius:12px}
li{padding:.7rem 1rem;border-bottom:1px solid var(--line)}
li:last-child{border-bottom:0}
code{font:.8125rem/1.5 ui-monospace,"SF Mono",monospace;color:var(--soft)}
dl{margin:1.25rem 0;border:1px solid var(--line);border-radius:12px}
dl div{display:grid;grid-template-columns:8rem minmax(0,1fr);gap:.1rem 1rem;padding:.7rem 1rem;border-bottom:1px solid var(--line)}
dl div:last-child{border-bottom:0}
dt{color:var(--soft)}
dd{margin:0;font-weight:600}
form{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.75rem}
button,.button{font:inherit;font-weight:600;min-height:3rem;padding:.6rem 1.4rem;border-radius:10px;border:1px solid var(--act);background:var(--act);color:var(--act-ink);cursor:pointer;text-decoration:none;text-align:center;display:inline-block}
button:hover,.button:hover{background:var(--act-over);border-color:var(--act-over)}
button.quiet{background:transparent;border-color:var(--line);color:var(--ink)}
button.quiet:hover{background:var(--ground)}
:focus-visible{outline:3px solid var(--warn);outline-offset:2px}
details{margin-top:1.5rem}
summary{cursor:pointer;font-weight:600;min-height:2.75rem;padding:.6rem 0}
.muted{color:var(--soft);font-size:.9rem}
.note{margin-top:1.5rem;padding-top:1rem;border-top:1px solid var(--line)}
.warn{padding:.7rem 1rem;border-radius:12px;background:var(--warn-tint);color:var(--warn)}
@media (max-width:30rem){body{padding:.75rem;place-items:start center}main{padding:1.5rem 1.25rem}button,.button{width:100%}dl div{grid-template-columns:minmax(0,1fr)}}
`

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

/** The badges are decorative: the heading says the same in words. */
function stepHeader({ step, system, tenant }: StepIndicator): Html {
  const badge = (name: string) => html`<span class="badge" aria-hidden="true">${initial(name)}</span>`
  const middle = step === 3 ? done : icon('M4 9h15l-3.5-3.5M20 15H5l3.5 3.5')
  return html`<header>${badge(system)}${middle}${badge(tenant)}<p class="step">Step ${step} of 3</p></header>`
}

function initial(name: string): string {
  return [...name].at(0)?.toUpperCase() ?? ''
}

/** The heading of a refusal, by its status. */
const titles: Readonly<Record<number, string>> = {
  403: 'Nothing was connected',
  404: 'This link does not work',
  409: 'This is another account',
  410: 'This link has been used or has ended',
  502: 'The system did not play along',
}

/** A page that says why nothing was connected. */
export function refusalPage(status: Page['status'], reason: string, advice: string): Page {
  const title = titles[status] ?? 'This cannot be completed'
  return { status, title, body: html`<h1>${title}</h1><p>${reason}</p><p class="muted">${advice}</p>` }
}
