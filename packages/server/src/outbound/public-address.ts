/**
 * @module
 * Which network addresses a request to a vendor may reach: public ones. The list follows the IANA special-purpose
 * registries (RFC 6890 and its updates).
 */
import { BlockList, isIP } from 'node:net'

const forbidden = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  forbidden.addSubnet(network, prefix, 'ipv4')
}
// Outside 2000::/3 nothing is public unicast; inside it, documentation, Teredo, 6to4 and ORCHID are not.
const publicUnicast = new BlockList()
publicUnicast.addSubnet('2000::', 3, 'ipv6')
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  forbidden.addSubnet(network, prefix, 'ipv6')
}

/** True for an address that a request may be sent to. Anything that is not an IP address is not. */
export function isPublicAddress(address: string): boolean {
  // A zone id names an interface of this machine (RFC 4007 §11), which no public address needs.
  const family = address.includes('%') ? 0 : isIP(address)
  if (family === 4) return !forbidden.check(address, 'ipv4')
  if (family === 6) return publicUnicast.check(address, 'ipv6') && !forbidden.check(address, 'ipv6')
  return false
}
