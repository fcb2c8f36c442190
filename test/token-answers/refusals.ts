/**
 * @module
 * Token endpoints' refusals and failures as they have been seen or documented, with where, and what each must mean.
 * Bodies carry the secret marker wherever a careless system might echo one.
 */

/** Stands for anything that must never reach an error, an event or a log. */
export const SECRET = 'SECRET-rt-0-9f8e7d'

/**
 * `dead:<reason>`; `wait:<seconds>` for an answer that passes, with the wait it asked for; otherwise the class. `unsent`
 * does not stand here: every one of these came from a system that had the request.
 */
export type Meaning =
  | 'dead:revoked'
  | 'dead:expired'
  | 'dead:inactive_user'
  | 'contention'
  | 'operator'
  | 'transient'
  | `wait:${number}`
  | 'unknown'
  | 'too_large'

export interface Refusal {
  readonly name: string
  readonly system: 'salesforce' | 'hubspot'
  readonly status: number
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly means: Meaning
  readonly source: string
}

const RFC_6749 = 'https://www.rfc-editor.org/rfc/rfc6749#section-5.2'
const RFC_9110 = 'https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3'
const SF_ERRORS = 'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm'
const SF_LIST = 'https://salesforcedictionary.com/errors/invalid-oauth-grant'
const SF_RACE = 'https://github.com/segmentio/action-destinations/issues/2300'
const HS_17 = 'https://github.com/HubSpot/oauth-quickstart-nodejs/issues/17'
const HS_64 = 'https://github.com/HGData/mk-node-hubspot/issues/64'
const HS_DOCS = 'https://developers.hubspot.com/docs/api/oauth/tokens'
const HS_429 = 'https://github.com/PostHog/posthog/issues/64726'
const ENTRA = 'https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes'

const oauth = (error: string, description?: string) =>
  JSON.stringify({ error, ...(description === undefined ? {} : { error_description: description }) })
const sf = (status: number, error: string, description: string, means: Meaning, source = SF_LIST): Refusal => ({
  name: `${error}: ${description}`,
  system: 'salesforce',
  status,
  body: oauth(error, description),
  means,
  source,
})
const hs = (status: number, word: string, message: string, means: Meaning, source = HS_DOCS): Refusal => ({
  name: `${word}: ${message}`,
  system: 'hubspot',
  status,
  body: JSON.stringify({ status: word, message, correlationId: 'd3b5' }),
  means,
  source,
})
const plain = (
  name: string,
  status: number,
  body: string | Buffer,
  means: Meaning,
  source = RFC_6749,
  headers: Readonly<Record<string, string>> = {},
): Refusal => ({ name, system: 'hubspot', status, body, means, source, headers })

const grants: readonly Refusal[] = [
  sf(400, 'invalid_grant', 'expired access/refresh token', 'dead:expired', SF_ERRORS),
  sf(400, 'invalid_grant', 'authentication failure', 'dead:revoked'),
  sf(400, 'invalid_grant', 'inactive user', 'dead:inactive_user'),
  sf(400, 'invalid_grant', 'password expired', 'dead:expired'),
  sf(400, 'invalid_grant', "user hasn't approved this consumer", 'dead:revoked'),
  sf(400, 'invalid_grant', 'Audience validation failed', 'dead:revoked', SF_ERRORS),
  sf(400, 'inactive_user', 'user is inactive', 'dead:inactive_user'),
  sf(403, 'inactive_org', 'organization is inactive', 'dead:inactive_user'),
  sf(400, 'invalid_grant', 'token request is already being processed', 'contention', SF_RACE),
  sf(400, 'invalid_grant', 'expired authorization code', 'contention', SF_RACE),
  sf(400, 'unknown_error', 'retry your request', 'contention'),
  sf(400, 'invalid_grant', 'ip restricted', 'transient'),
  sf(400, 'invalid_grant', 'IP Restricted', 'transient'),
  sf(400, 'invalid_client_id', 'client identifier invalid', 'operator'),
  sf(400, 'invalid_client', 'invalid client credentials', 'operator'),
  sf(400, 'redirect_uri_mismatch', 'redirect_uri must match configuration', 'operator'),
  sf(400, 'unsupported_grant_type', 'grant type not supported', 'operator'),
  sf(400, 'rate_limit_exceeded', 'login rate exceeded', 'transient'),
  sf(500, 'server_error', 'try again', 'transient'),
  hs(400, 'BAD_REFRESH_TOKEN', 'missing or invalid refresh token', 'dead:revoked', HS_64),
  hs(400, 'BAD_REFRESH_TOKEN', 'missing or unknown refresh token', 'dead:revoked', HS_17),
  hs(400, 'BAD_AUTH_CODE', 'missing or unknown auth code', 'dead:revoked', HS_17),
  hs(400, 'EXPIRED_AUTH_CODE', 'auth code is expired', 'dead:expired'),
  hs(400, 'BAD_CLIENT_ID', 'missing or unknown client id', 'operator'),
  hs(400, 'BAD_CLIENT_SECRET', 'missing or invalid client secret', 'operator'),
  hs(400, 'BAD_GRANT_TYPE', 'missing or unknown grant type', 'operator'),
  hs(401, 'error', 'Any of the listed authentication credentials are missing', 'transient', HS_17),
  plain('invalid_grant, nothing else', 400, oauth('invalid_grant'), 'dead:revoked'),
  plain('invalid_grant with 401', 401, oauth('invalid_grant', 'Token revoked'), 'dead:revoked'),
  plain(
    'invalid_grant that does not know why',
    400,
    oauth('invalid_grant', 'Token has been expired or revoked.'),
    'dead:revoked',
    'https://developers.google.com/identity/protocols/oauth2#expiration',
  ),
  plain(
    'invalid_grant for want of use',
    400,
    oauth('invalid_grant', 'AADSTS700082: The refresh token has expired due to inactivity.'),
    'dead:expired',
    'https://github.com/blobfile/blobfile/issues/93',
  ),
  plain(
    'invalid_grant for a new password',
    400,
    oauth('invalid_grant', 'AADSTS50173: The provided grant has expired due to it being revoked.'),
    'dead:revoked',
    ENTRA,
  ),
  plain(
    'invalid_grant in another charset',
    400,
    Buffer.from(oauth('invalid_grant', 'accès révoqué'), 'latin1'),
    'dead:revoked',
    RFC_6749,
    { 'content-type': 'application/json;charset=iso-8859-1' },
  ),
  plain('invalid_grant under text/plain', 400, oauth('invalid_grant'), 'dead:revoked', RFC_6749, {
    'content-type': 'text/plain',
  }),
  plain('invalid_grant with a secret in it', 400, oauth('invalid_grant', `no such token: ${SECRET}`), 'dead:revoked'),
  plain('invalid_client, 401', 401, oauth('invalid_client'), 'operator', RFC_6749, { 'www-authenticate': 'Basic' }),
  plain('unauthorized_client', 400, oauth('unauthorized_client'), 'operator'),
  plain('unsupported_grant_type', 400, oauth('unsupported_grant_type'), 'operator'),
  plain('invalid_request', 400, oauth('invalid_request', `refresh_token=${SECRET}`), 'operator'),
  plain('invalid_scope, which is one account only', 400, oauth('invalid_scope'), 'transient'),
  plain('an error nobody knows', 400, oauth('temporarily_sulking'), 'transient'),
  plain(
    'an error that is an object',
    400,
    '{"error":{"code":"invalid_grant"}}',
    'transient',
    'https://developers.facebook.com/docs/graph-api/guides/error-handling',
  ),
  plain(
    'a list of errors',
    400,
    '[{"errorCode":"invalid_grant"}]',
    'transient',
    'https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm',
  ),
  plain('a bare word', 400, '"invalid_grant"', 'transient'),
  plain('null', 400, 'null', 'transient'),
  plain('nothing', 400, '', 'transient'),
  plain(
    'an error twice, the last one counts',
    400,
    '{"error":"invalid_client","error":"invalid_grant"}',
    'dead:revoked',
    'https://www.rfc-editor.org/rfc/rfc8259#section-4',
  ),
]

const lines: readonly Refusal[] = [
  plain('a page with 400', 400, `<html><title>invalid_grant</title>${SECRET}</html>`, 'transient'),
  plain(
    'a page of a firewall',
    403,
    '<html><h1>Access denied</h1></html>',
    'transient',
    'https://developers.cloudflare.com/support/troubleshooting/http-status-codes/4xx-client-error/error-403/',
  ),
  plain('a page for an endpoint that moved', 404, '<html>Not found</html>', 'transient'),
  plain('a redirect to a sign-in page', 302, '', 'transient', RFC_6749, { location: 'http://127.0.0.1:1/login' }),
  plain('a redirect that keeps the body', 307, '', 'transient', RFC_6749, { location: 'http://127.0.0.1:1/token' }),
  plain('not modified', 304, '', 'transient'),
  plain('429 with seconds', 429, '{"errorType":"RATE_LIMIT"}', 'wait:120', HS_429, { 'retry-after': '120' }),
  plain('429 with nothing', 429, '', 'transient', HS_429),
  plain('429 that says invalid_grant', 429, oauth('invalid_grant'), 'transient', HS_429),
  plain('429 with a date', 429, '', 'wait:90', RFC_9110, {
    date: 'Sun, 22 Nov 2026 09:00:00 GMT',
    'retry-after': 'Sun, 22 Nov 2026 09:01:30 GMT',
  }),
  plain('429 with a date that has passed', 429, '', 'transient', RFC_9110, {
    date: 'Sun, 22 Nov 2026 09:00:00 GMT',
    'retry-after': 'Sun, 22 Nov 2026 08:00:00 GMT',
  }),
  plain('429 for ever', 429, '', 'wait:3600', RFC_9110, { 'retry-after': '99999999999999999999' }),
  plain('429 with a negative wait', 429, '', 'transient', RFC_9110, { 'retry-after': '-5' }),
  plain('429 with no wait', 429, '', 'transient', RFC_9110, { 'retry-after': '0' }),
  plain('429 with a fraction', 429, '', 'transient', RFC_9110, { 'retry-after': '1.5' }),
  plain('429 with an exponent', 429, '', 'transient', RFC_9110, { 'retry-after': '1e9' }),
  plain('429 with words', 429, '', 'transient', RFC_9110, { 'retry-after': 'soon' }),
  plain('503 with seconds', 503, '<html>Maintenance</html>', 'wait:30', RFC_9110, { 'retry-after': '30' }),
  plain('500', 500, '<html>Oops</html>', 'unknown'),
  plain('500 that says invalid_grant', 500, oauth('invalid_grant'), 'unknown'),
  plain('502', 502, '<html>Bad gateway</html>', 'unknown'),
  plain('504', 504, '', 'unknown'),
  plain(
    '520',
    520,
    'error code: 520',
    'unknown',
    'https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/error-520/',
  ),
  plain(
    '200 and a page',
    200,
    `<html>${SECRET}</html>`,
    'unknown',
    'https://github.com/mcohen01/node-quickbooks/issues/171',
  ),
  plain('200 and nothing', 200, '', 'unknown'),
  plain('204', 204, '', 'unknown'),
  plain('200 and null', 200, 'null', 'unknown'),
  plain('200 and a list', 200, '[]', 'unknown'),
  plain(
    '200 without access_token',
    200,
    `{"refresh_token":"${SECRET}"}`,
    'unknown',
    'https://github.com/mcohen01/node-quickbooks/issues/171',
  ),
  plain('200 with an empty access_token', 200, '{"access_token":""}', 'unknown'),
  plain('200 with an access_token of null', 200, '{"access_token":null}', 'unknown'),
  plain(
    '200 with a line break in the token',
    200,
    '{"access_token":"a\\r\\nx-evil: 1"}',
    'unknown',
    'https://www.rfc-editor.org/rfc/rfc6749#appendix-A.12',
  ),
  plain(
    '200 with a token that cannot be sent',
    200,
    '{"access_token":"\u{1F511}"}',
    'unknown',
    'https://www.rfc-editor.org/rfc/rfc6749#appendix-A.12',
  ),
  plain('200 with a broken refresh_token', 200, '{"access_token":"at-1","refresh_token":{"$ne":1}}', 'unknown'),
  plain('200 that breaks off', 200, '{"access_token":"at-1","refresh_tok', 'unknown'),
  plain(
    '200 in UTF-16',
    200,
    Buffer.from('{"access_token":"at-1"}', 'utf16le'),
    'unknown',
    'https://www.rfc-editor.org/rfc/rfc8259#section-8.1',
  ),
  plain(
    '200 with invalid_grant',
    200,
    oauth('invalid_grant'),
    'dead:revoked',
    'https://github.com/mcohen01/node-quickbooks/issues/171',
  ),
  plain(
    '200 with an error nobody knows',
    200,
    '{"ok":false,"error":"invalid_refresh_token"}',
    'unknown',
    'https://docs.slack.dev/authentication/using-token-rotation',
  ),
  plain(
    '200 with an error and a token',
    200,
    `{"error":"invalid_grant","access_token":"${SECRET}"}`,
    'unknown',
    'https://github.com/mcohen01/node-quickbooks/issues/171',
  ),
  plain(
    '200 with a token that needs a proof',
    200,
    '{"access_token":"at-1","token_type":"DPoP"}',
    'unknown',
    'https://www.rfc-editor.org/rfc/rfc9449#section-5',
  ),
  plain('200 and five megabytes', 200, `{"access_token":"${'x'.repeat(5 * 1024 * 1024)}"}`, 'too_large'),
]

export const refusals: readonly Refusal[] = [...grants, ...lines]
