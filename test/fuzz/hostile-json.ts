/**
 * @module
 * JSON texts as an attacker writes them. They are texts and not values, because duplicate keys, `1e999` and `__proto__`
 * as a key of its own do not survive in a value.
 */
import fc from 'fast-check'

const keys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  'then',
  'toJSON',
  'length',
  'id',
  'x',
  '',
] as const

const scalars = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1e999',
  '-1e999',
  '5e-324',
  '9007199254740993',
  '99999999999999999999999999999999',
  '0.1',
  '""',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\uffff"',
  '"\u202e\u200b"',
  '"__proto__"',
  '"constructor"',
  '"NaN"',
  '"-1"',
  '"1970-01-01T00:00:00Z"',
  '"+275760-09-13T00:00:00.001Z"',
  '"9999-99-99"',
  '"%00%0d%0a"',
  '"../../etc"',
  '"https://169.254.169.254/"',
  '"{{7*7}}"',
  '"\' OR 1=1 --"',
  '"*"',
  '"İ"',
] as const

/** A member's name, quoted. */
export const hostileKey: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...keys).map((key) => JSON.stringify(key)) },
  { weight: 1, arbitrary: fc.constantFrom('"\\u005f_proto__"', '"\\u0000"', '"\\ud800"') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((key) => JSON.stringify(key)) },
)

const scalar = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...scalars) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }).map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fc.double().map((number) => (Number.isFinite(number) ? String(number) : '1e400')) },
  { weight: 1, arbitrary: fc.integer().map(String) },
)

const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie('tree'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`) },
    {
      weight: 2,
      arbitrary: fc
        .array(fc.tuple(hostileKey, tie('tree')), { maxLength: 4 })
        .map((members) => `{${members.map(([key, value]) => `${key}:${value}`).join(',')}}`),
    },
  ),
}))

const nested = fc
  .tuple(fc.constantFrom('[', '{"a":', '{"__proto__":'), fc.oneof(fc.integer({ min: 1, max: 200 }), fc.nat(20_000)))
  .map(([open, depth]) => `${open.repeat(depth)}1${(open === '[' ? ']' : '}').repeat(depth)}`)

const long = fc.oneof(
  fc.nat(70_000).map((length) => JSON.stringify('a'.repeat(length))),
  fc.nat(20_000).map((length) => `[${Array(length).fill('0').join(',')}]`),
  fc.nat(3_000).map((count) => `{${Array.from({ length: count }, (_, at) => `"k${at}":${at}`).join(',')}}`),
)

/** A JSON text that parses. */
export const hostileJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 40, arbitrary: tree },
  { weight: 2, arbitrary: nested },
  { weight: 1, arbitrary: long },
)

/** An object's text out of members, in the order given, duplicates and all. */
export function objectText(members: readonly (readonly [key: string, value: string])[]): string {
  return `{${members.map(([key, value]) => `${key}:${value}`).join(',')}}`
}

/** The text as bytes; now and then cut, with a byte changed, or with another mark in front. */
export function bytesOf(text: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> {
  const whole = text.map((good) => Buffer.from(good))
  return fc.oneof(
    { weight: 20, arbitrary: whole },
    {
      weight: 1,
      arbitrary: fc.tuple(whole, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % (bytes.length + 1))),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(whole, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => {
        const changed = Buffer.from(bytes)
        if (changed.length > 0) changed[at % changed.length] = byte
        return changed
      }),
    },
    { weight: 1, arbitrary: whole.map((bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  )
}
