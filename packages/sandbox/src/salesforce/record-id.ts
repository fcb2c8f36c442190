/**
 * @module
 * Salesforce record ids: three characters of object prefix, twelve of identity, and in the long form three of checksum
 * that make the id safe to compare without case.
 */

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const CHECKSUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'
const SHAPE = /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/

/** The 18-character form: for each group of five characters, which of them are upper case. */
export function lengthenId(id15: string): string {
  let checksum = ''
  for (let group = 0; group < 3; group += 1) {
    let bits = 0
    for (let position = 0; position < 5; position += 1) {
      const letter = id15.charAt(group * 5 + position)
      if (letter >= 'A' && letter <= 'Z') bits |= 1 << position
    }
    checksum += CHECKSUM.charAt(bits)
  }
  return id15 + checksum
}

/** The 18-character form of either form, or null when it has not the shape of an id or its checksum is wrong. */
export function parseRecordId(text: string): string | null {
  if (!SHAPE.test(text)) return null
  const long = lengthenId(text.slice(0, 15))
  return text.length === 15 || text === long ? long : null
}

/** The id of the `number`-th record of an object; `instance` is two characters that stand for the org's home server. */
export function mintRecordId(prefix: string, instance: string, number: number): string {
  let digits = ''
  // Records of a real org do not start at 1, and the offset gives ids of both letter cases.
  for (let rest = number + 654_321; rest > 0; rest = Math.floor(rest / 62)) {
    digits = DIGITS.charAt(rest % 62) + digits
  }
  return lengthenId(`${prefix}${instance}0${digits.padStart(9, '0')}`)
}

/** Two characters of instance for a tenant, so that two tenants' records have different ids. */
export function instanceOf(tenant: string): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(tenant)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return DIGITS.charAt(10 + (hash % 52)) + DIGITS.charAt(Math.floor(hash / 52) % 62)
}

/** The org's own id, as it stands in the identity URL. */
export function organizationId(tenant: string): string {
  return mintRecordId('00D', instanceOf(tenant), 1)
}

/** The id of a colleague; key 1 is the integration user. */
export function userId(tenant: string, colleagueKey: number): string {
  return mintRecordId('005', instanceOf(tenant), colleagueKey)
}
