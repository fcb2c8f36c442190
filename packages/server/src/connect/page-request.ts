/**
 * @module
 * Tells requests of a browser on our own pages from API calls. They need another origin check: a form of ours sends
 * `Origin: null`, because the pages send no referrer (Fetch §3.2), and a navigation sends none.
 */

/** True for the paths of the pages and of the redirect URI. */
export function isPagePath(pathname: string): boolean {
  return pathname.startsWith('/connect/') || pathname.startsWith('/oauth/callback/')
}

/**
 * False for a form that a page of another site has sent. The cookie and the form's token decide in the end; this
 * refuses earlier where the browser says more.
 */
export function isSameOriginRequest(request: Request, publicUrl: string): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true
  const site = request.headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin') return false
  const origin = request.headers.get('origin')
  return origin === null || origin === 'null' || origin === new URL(publicUrl).origin
}
