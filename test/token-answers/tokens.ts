/**
 * @module
 * Answers of token endpoints that do hold a token, however oddly, with where they have been seen or documented, and
 * what must be kept of each.
 */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'

export interface Token {
  readonly name: string
  readonly system: 'salesforce' | 'hubspot'
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  /** The refresh token that is sent next; the old one when left out. */
  readonly next?: string
  /** Seconds; the connector's assumption (30 min, or 2 h) when left out. */
  readonly lifetimeS?: number
  readonly scopes?: readonly string[]
  readonly changed?: readonly string[]
  readonly source: string
}

const RFC_6749 = 'https://www.rfc-editor.org/rfc/rfc6749#section-5.1'
const RFC_9110 = 'https://www.rfc-editor.org/rfc/rfc9110#section-8.4'
const HOST = 'https://acme.my.salesforce.com'
const body = (more: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ access_token: 'at-1', token_type: 'bearer', ...more })
const row = (name: string, more: Readonly<Record<string, unknown>>, kept: Partial<Token> = {}): Token => ({
  name,
  system: 'hubspot',
  body: body(more),
  source: RFC_6749,
  ...kept,
})
const force = (name: string, more: Readonly<Record<string, unknown>>, kept: Partial<Token> = {}): Token => ({
  name,
  system: 'salesforce',
  body: body({ instance_url: HOST, scope: 'api refresh_token', ...more }),
  source: 'https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_refresh_token_flow.htm',
  ...kept,
})
const TEN_YEARS_S = 315_360_000

export const tokens: readonly Token[] = [
  row('rotates', { refresh_token: 'rt-1', expires_in: 1800 }, { next: 'rt-1', lifetimeS: 1800 }),
  row('does not rotate', { expires_in: 1800 }, { lifetimeS: 1800 }),
  row('an empty refresh token', { refresh_token: '' }),
  row('a refresh token of null', { refresh_token: null }),
  row('rotates and says nothing of a lifetime', { refresh_token: 'rt-1' }, { next: 'rt-1' }),
  row('a lifetime in words', { refresh_token: 'rt-1', expires_in: '3600' }, { next: 'rt-1', lifetimeS: 3600 }),
  row('a lifetime with a fraction', { expires_in: 3599.5 }, { lifetimeS: 3599.5 }),
  row('a negative lifetime', { refresh_token: 'rt-1', expires_in: -1 }, { next: 'rt-1' }),
  row('a lifetime of nothing', { refresh_token: 'rt-1', expires_in: 0 }, { next: 'rt-1' }),
  row('a lifetime of null', { refresh_token: 'rt-1', expires_in: null }, { next: 'rt-1' }),
  row('an empty lifetime', { refresh_token: 'rt-1', expires_in: '' }, { next: 'rt-1' }),
  row('a lifetime that is a list', { refresh_token: 'rt-1', expires_in: [60] }, { next: 'rt-1' }),
  row('a lifetime that is true', { refresh_token: 'rt-1', expires_in: true }, { next: 'rt-1' }),
  row('a lifetime in no number', { refresh_token: 'rt-1', expires_in: '1h' }, { next: 'rt-1' }),
  row('a huge lifetime', { expires_in: 1e300 }, { lifetimeS: TEN_YEARS_S }),
  row('a huge lifetime in words', { expires_in: '9'.repeat(400) }, { lifetimeS: TEN_YEARS_S }),
  {
    ...row('a lifetime beyond every number', {}),
    body: '{"access_token":"at-1","expires_in":1e999}',
    lifetimeS: TEN_YEARS_S,
  },
  row('no type', { token_type: undefined }),
  row('a type in capitals', { token_type: 'BEARER' }),
  row(
    'a type of its own',
    { token_type: 'bot' },
    { source: 'https://docs.slack.dev/authentication/installing-with-oauth' },
  ),
  row('a type that is no text', { token_type: 1 }),
  row('an error that is empty', { error: '' }),
  row('an error of null', { error: null }),
  row('members nobody knows', { __proto__: 1, constructor: 2, id_token: 'x'.repeat(10_000) }),
  {
    ...row('a member that would be a prototype', {}),
    body: '{"__proto__":{"access_token":"evil"},"access_token":"at-1"}',
    source: 'https://www.rfc-editor.org/rfc/rfc8259#section-4',
  },
  {
    ...row('a token twice, the last one counts', {}),
    body: '{"access_token":"at-0","access_token":"at-1"}',
    source: 'https://www.rfc-editor.org/rfc/rfc8259#section-4',
  },
  {
    ...row('a byte order mark', {}),
    body: `\uFEFF${body()}`,
    source: 'https://www.rfc-editor.org/rfc/rfc8259#section-8.1',
  },
  { ...row('white space around', {}), body: `\r\n\t ${body()}\n\n` },
  { ...row('under text/html', {}), headers: { 'content-type': 'text/html' } },
  {
    ...row('gzip that nobody asked for', {}),
    body: gzipSync(body()),
    headers: { 'content-encoding': 'gzip' },
    source: RFC_9110,
  },
  {
    ...row('br that nobody asked for', {}),
    body: brotliCompressSync(body()),
    headers: { 'content-encoding': 'br' },
    source: RFC_9110,
  },
  {
    ...row('deflate in capitals', {}),
    body: deflateSync(body()),
    headers: { 'content-encoding': 'Deflate' },
    source: RFC_9110,
  },
  row(
    'scopes that shrank',
    { scopes: ['oauth'] },
    { scopes: ['oauth'], changed: ['scopes'], source: 'https://developers.hubspot.com/docs/api/oauth/tokens' },
  ),
  force('all that is usual', { issued_at: '1700000000000', signature: 'x', id: `${HOST}/id/00D/005` }),
  force('a scope that shrank', { scope: 'refresh_token' }, { scopes: ['refresh_token'], changed: ['scopes'] }),
  force('another host of the system', { instance_url: 'https://na2.salesforce.com' }, { changed: ['api_base'] }),
  force(
    'a foreign host',
    { instance_url: 'https://evil.example' },
    { changed: ['foreign_host'], source: 'https://github.com/PostHog/posthog/pull/72487' },
  ),
  force(
    'a host that looks alike',
    { instance_url: `${HOST}.evil.example` },
    { changed: ['foreign_host'], source: 'https://github.com/forcedotcom/sfdx-core/issues/1308' },
  ),
  force('a host with a path', { instance_url: `${HOST}/services/apexrest` }, { changed: ['foreign_host'] }),
  force('a host with a question', { instance_url: `${HOST}?x=` }, { changed: ['foreign_host'] }),
]
