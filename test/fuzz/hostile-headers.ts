/**
 * @module
 * Header fields as an attacker writes them: the ones this server reads, with values nobody should send.
 */
import fc from 'fast-check'

const values: Readonly<Record<string, readonly string[]>> = {
  'mcp-protocol-version': [
    '2026-07-28',
    '2025-11-25',
    '2025-03-26',
    '1999-01-01',
    '2026-07-28, 2025-11-25',
    'DRAFT-2026',
  ],
  'mcp-method': ['tools/call', 'tools/list', '__proto__', 'initialize'],
  'mcp-name': ['list_all_hub_spot_contacts', '=?base64?AAAA?=', '=?base64?////?='],
  'mcp-session-id': ['x', '0'],
  accept: [
    'application/json',
    'text/event-stream',
    '*/*',
    'application/*;q=0',
    'text/html',
    'application/json;q=nan',
    ',,,;',
  ],
  'content-type': [
    'application/json',
    'application/json; charset=utf-16',
    'application/json;',
    'application/json; charset=;',
    'text/plain',
    'APPLICATION/JSON',
    'multipart/form-data; boundary=',
    'application/jsonx',
    'application/json, text/plain',
  ],
  'content-encoding': ['gzip', 'br', 'deflate', 'identity', 'gzip, gzip', 'zstd'],
  'idempotency-key': ['k', 'a'.repeat(255), 'a'.repeat(256), '__proto__', '"quoted"', 'a b'],
  'quartermaster-approval': ['apr_x', `apr_${'0'.repeat(28)}`, 'caller'],
  'quartermaster-dry-run': ['true', 'false', '1', 'TRUE', 'true, true'],
  authorization: [
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    'Bearer qm_0',
    `Bearer qm_${'0'.repeat(28)}`,
    'bearer x y',
    'Bearer __proto__',
  ],
  host: [
    '127.0.0.1',
    'localhost',
    'evil.example',
    '[::1]',
    '127.0.0.1@evil',
    'a,b',
    '',
    '..',
    '[',
    '%00',
    '127.0.0.1:99999',
  ],
  origin: [
    'null',
    'http://localhost',
    'http://evil.example',
    'http://',
    '::',
    'http://[',
    'file://',
    'http://localhost.',
  ],
  'x-forwarded-host': ['evil.example'],
  'x-http-method-override': ['DELETE'],
  'last-event-id': ['0', '-1'],
  expect: ['100-continue', '200-ok'],
  cookie: ['__Host-connect=x', '=;=', 'a'.repeat(3_000)],
  __proto__x: ['1'],
}

export const headerNames: readonly string[] = [...Object.keys(values), '__proto__', 'constructor']

/** What may stand in a field at all: visible characters, blanks, and bytes above 127 (RFC 9110 §5.5). */
const anyValue = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc
    .array(
      fc.integer({ min: 0x20, max: 0xff }).filter((byte) => byte !== 0x7f),
      { maxLength: 40 },
    )
    .map((bytes) => String.fromCharCode(...bytes)),
  fc.nat(9_000).map((length) => 'a'.repeat(length)),
)

export function hostileValue(name: string): fc.Arbitrary<string> {
  const known = Object.hasOwn(values, name) ? (values[name] ?? []) : []
  return known.length === 0
    ? anyValue
    : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: anyValue })
}

/** @param presence How often each of the names is there, 0 to 1. */
export function hostileHeaders(names: readonly string[], presence: number): fc.Arbitrary<Record<string, string>> {
  const each = names.map((name) =>
    fc.oneof(
      { weight: Math.round(100 * (1 - presence)), arbitrary: fc.constant(undefined) },
      { weight: Math.round(100 * presence), arbitrary: hostileValue(name) },
    ),
  )
  return fc
    .tuple(...each)
    .map((chosen) =>
      Object.fromEntries(names.flatMap((name, at) => (chosen[at] === undefined ? [] : [[name, chosen[at]]]))),
    )
}
