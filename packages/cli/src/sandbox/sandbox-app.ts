/**
 * @module
 * What the faked vendors know before anything is asked of them: the companies, and one OAuth client.
 */
import type { OAuthApp } from '@quartermaster/server'

/** The demo companies. */
export const sandboxTenants = ['acme', 'globex'] as const

/** The client that every faked vendor knows. */
export const sandboxApp: OAuthApp = { clientId: 'sandbox-client', clientSecret: 'sandbox-secret' }
