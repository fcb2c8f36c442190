/**
 * @module
 * The URL of a request: model input goes into path segments and query values, always encoded, and the result provably
 * stays below the connection's base.
 */

/** A query value; arrays repeat the key, absent values leave it out. */
export type QueryValue = string | number | boolean | null | undefined | readonly (string | number | boolean)[]

/** RFC 3986 percent-encoding, plus the apostrophe, which URL parsers encode in queries by themselves. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/'/g, '%27')
}

/**
 * Fills `{name}` in a path template. Each value becomes exactly one path segment.
 * @throws RangeError when a value is missing, empty, a dot segment, or not well-formed text.
 */
export function fillPath(template: string, values: { readonly [name: string]: string | undefined }): string {
  return template.replace(/\{([a-z_]+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined || /^\.{0,2}$/.test(value) || !value.isWellFormed()) {
      throw new RangeError(`Cannot fill the path: ${name} is not a usable path segment`)
    }
    return encode(value)
  })
}

/** `?a=b&c=d`, or an empty string. Keys come from the connector file, values from anywhere. */
export function fillQuery(query: { readonly [name: string]: QueryValue }): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]
    return values.map((one) => `${encode(name)}=${encode(String(one))}`)
  })
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

/**
 * Puts base and path together.
 * @throws RangeError when the URL, as a URL parser reads it, has left the base's origin or path prefix.
 */
export function joinUrl(base: string, pathAndQuery: string): string {
  const root = new URL(base)
  const url = new URL(`${base}${pathAndQuery}`)
  const prefix = `${root.pathname.replace(/(?<!\/)\/+$/, '')}/`
  const inside = url.origin === root.origin && url.pathname.startsWith(prefix)
  const plain = url.username === '' && url.password === '' && url.hash === ''
  if (!inside || !plain) throw new RangeError('Cannot build the URL: it would leave the base of the connection')
  return url.href
}
