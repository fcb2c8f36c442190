/**
 * @module
 * Binds a connect session to one browser by a random cookie, of which the store keeps the hash. The CSRF token of a
 * form is derived from the cookie, so a page of another site cannot make one.
 */
import { createHmac } from 'node:crypto'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { equalHashes, hashToken, isUrlToken, newUrlToken } from '../keys/tokens.ts'

/** The prefix makes browsers accept the cookie only over https, from this very host, for all paths (RFC 6265bis). */
const SECURE_NAME = '__Host-qm-connect'
/** Browsers refuse the prefix over plain http; a server on this machine gets another name, never mixed up with it. */
const LOOPBACK_NAME = 'qm-connect-insecure-loopback'
/** Longer than the longest session. */
const LIFETIME_S = 6 * 3600

export interface BrowserBinding {
  readonly cookie: string
  readonly hash: string
}

/** The browser of a request, if it has been here before. */
export function readBrowserBinding(c: Context, publicUrl: string): BrowserBinding | undefined {
  const cookie = getCookie(c, cookieName(publicUrl))
  return cookie !== undefined && isUrlToken(cookie) ? { cookie, hash: hashToken(cookie) } : undefined
}

/** The same, or a new one; the cookie is set with the answer. */
export function ensureBrowserBinding(c: Context, publicUrl: string): BrowserBinding {
  const known = readBrowserBinding(c, publicUrl)
  const cookie = known?.cookie ?? newUrlToken()
  setCookie(c, cookieName(publicUrl), cookie, {
    path: '/',
    httpOnly: true,
    secure: isSecure(publicUrl),
    // The way back from the system is a navigation from another site: Strict would not send the cookie.
    sameSite: 'Lax',
    maxAge: LIFETIME_S,
  })
  return known ?? { cookie, hash: hashToken(cookie) }
}

export type FormPurpose = 'begin' | 'review'

export function csrfToken(browser: BrowserBinding, purpose: FormPurpose, sessionId: string): string {
  return createHmac('sha256', browser.cookie).update(`${purpose}|${sessionId}`).digest('base64url')
}

export function isCsrfToken(text: unknown, browser: BrowserBinding, purpose: FormPurpose, sessionId: string): boolean {
  return typeof text === 'string' && equalHashes(text, csrfToken(browser, purpose, sessionId))
}

/** True where cookies can be kept safe: https, or this machine itself. */
export function canOfferPages(publicUrl: string): boolean {
  if (isSecure(publicUrl)) return true
  return URL.canParse(publicUrl) && ['localhost', '127.0.0.1', '[::1]'].includes(new URL(publicUrl).hostname)
}

function isSecure(publicUrl: string): boolean {
  return publicUrl.startsWith('https://')
}

function cookieName(publicUrl: string): string {
  return isSecure(publicUrl) ? SECURE_NAME : LOOPBACK_NAME
}
