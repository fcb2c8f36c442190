/** @module Target: bodies and queries of the admin API, nearly right, with an operator's token. */
import fc from 'fast-check'
import type { FuzzTestbed } from '../fuzz-testbed.ts'
import { bytesOf, hostileJson, hostileKey, objectText } from '../hostile-json.ts'
import { outcomeOf } from '../outcome-of.ts'
import type { Target } from '../target.ts'

interface Order {
  readonly method: string
  /** `:account` and `:server` stand for ids that there are, in the body as well. */
  readonly path: string
  readonly body: Uint8Array
}

/** What each body may hold, as JSON texts. A tenant of its own, where something could be taken away. */
const bodies: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'POST /integrated-account': {
    tenant: ['"initech"'],
    system: ['"hubspot"', '"salesforce"', '"__proto__"'],
    label: ['"x"'],
    grant: [
      '{"access_token":"x"}',
      '{"access_token":"x","expires_in":-1}',
      '{"access_token":"x","instance_url":"http://["}',
    ],
    client_credentials: ['{"client_id":"x","client_secret":"x","host":"x.example"}'],
    jwt_bearer: ['{"client_id":"x","subject":"x","private_key":"-----BEGIN PRIVATE KEY-----"}'],
    static_token: ['{"token":"x"}'],
  },
  'POST /integrated-account/:account/mcp': {
    name: ['"x"'],
    config: [
      '{}',
      '{"methods":["read"]}',
      '{"only":["*****************a"]}',
      '{"expires_in_s":1}',
      '{"pii":"strip"}',
      '{"approve":["write"]}',
    ],
  },
  'POST /mcp-server': {
    name: ['"x"'],
    account_ids: ['[":account"]', '[":account",":account"]', '["acc_0000000000000000"]', '[]', '["__proto__"]'],
    config: [
      '{"methods":["read"]}',
      '{"max_tools":2}',
      '{"max_tokens":200,"over_budget":"trim"}',
      '{"resources":["contact"]}',
    ],
  },
  'PATCH /mcp-server/:server': {
    name: ['"y"'],
    expires_at: ['"2126-01-01T00:00:00Z"', '"+275760-09-13T00:00:00.001Z"'],
  },
  'POST /mcp-server/mcp_0000000000000000/rotate': { overlap_s: ['0', '3600'] },
  'POST /api-token': { tenant: ['"initech"'], name: ['"x"'], scopes: ['["runtime"]', '["audit","approve"]'] },
  'POST /api-token/tok_0000000000000000/rotate': { overlap_s: ['0'] },
  'POST /approval/apr_x': { decision: ['"approved"', '"refused"'] },
  'POST /tenant/initech/revoke': { what: ['"urls"', '"all"'], disconnect_accounts: ['true', 'false'] },
  'POST /connect-session': {
    tenant: ['"initech"'],
    system: ['"hubspot"'],
    account: ['"acc_0000000000000000"'],
    label: ['"x"'],
    scopes: ['["crm.objects.contacts.read"]'],
    toolset: ['{}', '{"methods":["read"]}'],
    return_url: ['"https://a.example/"', '"javascript:alert(1)"', '"http://["'],
  },
  'POST /webhook-endpoint': {
    tenant: ['"initech"'],
    url: ['"https://a.example/"', '"http://["', '"https://[::1]/"', '"https://user@x/"'],
  },
}

const queries = [
  '/integrated-account?tenant=',
  '/integrated-account/:account/mcp?',
  '/integrated-account/:account/tools?explain=',
  '/integrated-account/',
  '/mcp-server/',
  '/api-token?tenant=',
  '/approval/',
  '/audit?tenant=acme&limit=1&after=',
  '/audit?limit=1&tenant=',
  '/audit?tenant=acme&limit=',
  '/audit/head?tenant=',
  '/webhook-endpoint?tenant=',
]

const value = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    '%00',
    '%',
    '%ff',
    '-1',
    '1e9',
    'NaN',
    'acme',
    'initech',
    '..',
    '%2e%2e',
    '%F0%9F',
    "'",
  ),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => encodeURIComponent(text.toWellFormed())),
)

const posted = fc.constantFrom(...Object.entries(bodies)).chain(([order, members]) => {
  const [method = '', path = ''] = order.split(' ')
  const each = Object.entries(members).map(([key, texts]) =>
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(...texts).map((text): [string, string][] => [[JSON.stringify(key), text]]),
      },
      { weight: 2, arbitrary: hostileJson.map((text): [string, string][] => [[JSON.stringify(key), text]]) },
      { weight: 3, arbitrary: fc.constant<[string, string][]>([]) },
    ),
  )
  const extra = fc.array(fc.tuple(hostileKey, hostileJson), { maxLength: 1 })
  const whole = fc.tuple(fc.tuple(...each), extra).map(([own, more]) => objectText([...own.flat(), ...more]))
  return bytesOf(fc.oneof({ weight: 12, arbitrary: whole }, { weight: 1, arbitrary: hostileJson })).map(
    (body): Order => ({ method, path, body }),
  )
})

const queried = fc
  .tuple(fc.constantFrom(...queries), value)
  .map(([path, text]): Order => ({ method: 'GET', path: path + text, body: new Uint8Array() }))

export const adminTarget: Target<Order> = {
  name: 'admin',
  share: 0.08,
  mustSee: ['ok', '400', '404'],
  inputs: () => fc.oneof({ weight: 4, arbitrary: posted }, { weight: 1, arbitrary: queried }),
  async attempt(testbed, { method, path, body }) {
    const accountId = testbed.doors[0]?.accountId ?? ''
    const serverId = path.includes(':server') ? await spareOf(testbed, accountId) : ''
    const filled = path.replace(':account', accountId).replace(':server', serverId)
    const headers = { authorization: `Bearer ${testbed.adminToken}`, 'content-type': 'application/json' }
    // Latin-1 keeps every byte, whether it is text or not.
    const named = Buffer.from(Buffer.from(body).toString('latin1').replaceAll(':account', accountId), 'latin1')
    const answer = await testbed.ask({ method, path: filled, headers, ...(method === 'GET' ? {} : { body: named }) })
    // It has been made to end: the next input gets another one.
    if (answer.status === 409) spares.delete(testbed)
    return outcomeOf(answer)
  },
}

const spares = new WeakMap<FuzzTestbed, string>()

/** A URL that nobody else needs. */
async function spareOf(testbed: FuzzTestbed, accountId: string): Promise<string> {
  const known = spares.get(testbed) ?? (await testbed.issue(accountId, {})).serverId
  spares.set(testbed, known)
  return known
}
