/**
 * @module
 * Which hosts a connector may talk to, decided label by label, so that `x.example.com.evil.test` is not example.com.
 */
import type { Connector } from './contract.ts'

/**
 * True when `url` is https on the default port, without user info, and its host is one of the connector's `api.hosts`.
 * `*.example.com` admits one or more whole labels in front, and not `example.com` itself.
 */
export function hostAllowed(connector: Pick<Connector, 'api'>, url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, port, username, password, hostname } = new URL(url)
  if (protocol !== 'https:' || port !== '' || username !== '' || password !== '') return false
  return connector.api.hosts.some((host) => hostMatches(host, hostname))
}

/** True when a host name is `pattern`, or has whole labels in place of its leading `*.`. */
export function hostMatches(pattern: string, hostname: string): boolean {
  if (!pattern.startsWith('*.')) return hostname === pattern
  return hostname.endsWith(pattern.slice(1)) && hostname.length > pattern.length - 1 && !hostname.startsWith('.')
}
