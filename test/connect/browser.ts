/**
 * @module
 * A small browser: keeps cookies by their rules (host, prefix, Secure, Max-Age), follows no redirect by itself, and
 * sends forms the way a page would.
 */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Where a redirect leads, absolute. */
  readonly location: string | undefined
}

export interface Browser {
  readonly cookies: Map<string, { readonly value: string; readonly until: number; readonly attributes: string }>
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  post(url: string, form: Readonly<Record<string, string>>, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

export function openBrowser(now: () => number): Browser {
  const cookies: Browser['cookies'] = new Map()
  const visit = async (url: string, init: RequestInit): Promise<Answer> => {
    const sent = [...cookies].filter(([, { until, attributes }]) => {
      return until > now() && !(/;\s*secure/i.test(attributes) && url.startsWith('http:'))
    })
    const headers = new Headers(init.headers)
    if (sent.length > 0) headers.set('cookie', sent.map(([name, { value }]) => `${name}=${value}`).join('; '))
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value, attributes] = /^([^=]+)=([^;]*)(.*)$/.exec(line) ?? []
      if (name === undefined || value === undefined) throw new Error(`Cannot read the cookie ${line}`)
      const maxAge = Number(/max-age=(\d+)/i.exec(attributes ?? '')?.[1] ?? 1e9)
      cookies.set(name, { value, until: now() + maxAge * 1000, attributes: attributes ?? '' })
    }
    const to = response.headers.get('location')
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      location: to === null ? undefined : new URL(to, url).href,
    }
  }
  return {
    cookies,
    get: (url, headers = {}) => visit(url, { headers }),
    post: (url, form, headers = {}) =>
      visit(url, {
        method: 'POST',
        body: new URLSearchParams(form).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'null', ...headers },
      }),
  }
}

/** The value of the hidden field of a page's form. */
export function formTokenOf(page: string): string {
  const token = /name="form_token" value="([^"]+)"/.exec(page)?.[1]
  if (token === undefined) throw new Error(`Cannot find a form in: ${page.slice(0, 2_000)}`)
  return token
}
