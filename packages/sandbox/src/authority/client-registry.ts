/**
 * @module
 * The applications that an authority knows, and where it may send people back to.
 */

/** An application as the vendor's developer console knows it. */
export interface RegisteredClient {
  readonly clientId: string
  readonly clientSecret: string
  /** PEM of the key with which it signs assertions; absent when it may not send any. */
  readonly publicKey?: string
  /** Exact redirect URIs. Absent: any https URI, and any loopback URI (RFC 8252 §7.3). */
  readonly redirectUris?: readonly string[]
}

/** Registered at every vendor of every tenant unless `createSandbox` is given others. */
export const defaultClients: readonly RegisteredClient[] = [
  { clientId: 'sandbox-client', clientSecret: 'sandbox-secret' },
]

/** Whether the authority may redirect to `uri` for this client; registered URIs match character by character. */
export function acceptsRedirect(client: RegisteredClient, uri: string): boolean {
  if (client.redirectUris) return client.redirectUris.includes(uri)
  if (!URL.canParse(uri)) return false
  const { protocol, hostname, hash } = new URL(uri)
  const loopback = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
  return hash === '' && (protocol === 'https:' || (protocol === 'http:' && loopback))
}
