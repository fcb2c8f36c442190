/** @module Target: orders of a URL's holder for a narrower one. What comes of one has no tool that its parent has not. */
import fc from 'fast-check'
import { Finding } from '../finding.ts'
import { bytesOf, hostileJson, hostileKey, objectText } from '../hostile-json.ts'
import { outcomeOf } from '../outcome-of.ts'
import type { Target } from '../target.ts'

interface Order {
  readonly door: number
  readonly body: Uint8Array
}

/** What a configuration may hold, as JSON texts. */
const members: Readonly<Record<string, readonly string[]>> = {
  methods: ['["read"]', '["write"]', '["read","write","custom"]', '["__proto__"]', '[]'],
  tags: ['["crm"]', '["__proto__"]'],
  only: ['["list_all_hub_spot_contacts"]', '["constructor"]'],
  without: ['["list_all_hub_spot_contacts"]'],
  pii: ['"strip"', '"mask"', '"full"'],
  writable: ['{}', '{"__proto__":["x"]}'],
  resolve_pseudonyms: ['true', 'false'],
  require_api_token_auth: ['true', 'false'],
  approve: ['["write"]'],
  expires_in_s: ['1', '2', '1e999', '-1', '99999999999'],
}

const config = fc
  .tuple(
    ...Object.entries(members).map(([key, texts]) =>
      fc.oneof(
        { weight: 6, arbitrary: fc.constant<[string, string][]>([]) },
        {
          weight: 3,
          arbitrary: fc.constantFrom(...texts).map((text): [string, string][] => [[JSON.stringify(key), text]]),
        },
        { weight: 1, arbitrary: hostileJson.map((text): [string, string][] => [[JSON.stringify(key), text]]) },
      ),
    ),
  )
  // Those that are made must end, or soon no more can be.
  .map((own) => objectText([['"expires_in_s"', '1'], ...own.flat()]))

const whole = fc
  .record({
    name: fc.oneof(
      { weight: 3, arbitrary: fc.constant<[string, string][]>([]) },
      { weight: 1, arbitrary: hostileJson.map((text): [string, string][] => [['"name"', text]]) },
    ),
    config: fc.oneof({ weight: 9, arbitrary: config }, { weight: 1, arbitrary: hostileJson }),
    extra: fc.oneof(
      { weight: 9, arbitrary: fc.constant<[string, string][]>([]) },
      { weight: 1, arbitrary: fc.tuple(hostileKey, hostileJson).map((member): [string, string][] => [member]) },
    ),
  })
  .map(({ name, config, extra }) => objectText([...name, ['"config"', config], ...extra]))

export const narrowTarget: Target<Order> = {
  name: 'narrow',
  share: 0.04,
  mustSee: ['ok', '400'],
  inputs: ({ doors }) =>
    fc.record({
      door: fc.nat(doors.length - 1),
      body: bytesOf(fc.oneof({ weight: 12, arbitrary: whole }, { weight: 1, arbitrary: hostileJson })),
    }),
  async attempt({ doors, ask }, { door: at, body }) {
    const door = doors[at]
    const headers = { 'content-type': 'application/json' }
    const answer = await ask({ method: 'POST', path: `${door?.path}/narrow`, headers, body })
    if (answer.status !== 201) return outcomeOf(answer)
    const { tools } = JSON.parse(answer.text) as { readonly tools: readonly string[] }
    const own = new Set(door?.tools.map(({ name }) => name))
    const more = tools.filter((name) => !own.has(name))
    if (more.length > 0 || tools.length === 0) throw new Finding(`a derived URL has other tools: ${more.join(', ')}`)
    return 'ok'
  },
}
