/** @module A derived URL never has more than the one it comes from. */
import { loadCatalog } from '@quartermaster/connectors'
import { atLeastAsStrict, type McpServerConfig, mcpServerConfig, policies } from '@quartermaster/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomBudgetedInput } from '../../test/random-config.ts'
import { sampleAccess } from '../../test/sample-tools.ts'
import { deriveTools } from '../tools/derive-tools.ts'
import { type Level, offerTools } from '../tools/offer.ts'
import type { Tool } from '../tools/tool.ts'
import { urlOffer } from '../tools/url-offer.ts'
import { narrowConfig, narrowedConfig } from './narrow-config.ts'

const NOW = 1_800_000_000_000
const HOUR = 3_600_000
const parentOf = (config: unknown, lifeMs = 24 * HOUR) => ({
  config: mcpServerConfig.parse(config),
  expiresAt: NOW + lifeMs,
})
const narrow = (parent: Parameters<typeof narrowConfig>[0], wish: unknown = {}) =>
  narrowConfig(parent, narrowedConfig.parse(wish), NOW)

/** What is in `narrow` and not in `wide`: tools, arguments, values of arguments. */
function excess(wide: readonly Tool[], narrow: readonly Tool[]): readonly string[] {
  return narrow.flatMap((tool) => {
    const above = wide.find(({ name }) => name === tool.name)
    if (above?.method !== tool.method) return [tool.name]
    return Object.entries(tool.inputSchema.properties).flatMap(([name, { enum: values }]) => {
      const same = above.inputSchema.properties[name]
      if (!same) return [`${tool.name}.${name}`]
      const extra = same.enum ? (values ?? ['anything']).filter((value) => !same.enum?.includes(value)) : []
      return extra.map((value) => `${tool.name}.${name}=${value}`)
    })
  })
}

const catalog = loadCatalog()
const accounts = (['hubspot', 'salesforce', 'hubspot'] as const).map((system, at) => {
  const connector = catalog.get(system)
  if (!connector) throw new Error('the catalog lacks a system')
  // The last may read contacts only, so that budgets are used up by other tools.
  const scopes = at === 2 ? ['crm.objects.contacts.read'] : undefined
  return { connector, account: { ...sampleAccess([]).account, id: `acc_${at}`, system, label: `No ${at}`, scopes } }
})
type Account = (typeof accounts)[number]

interface Url {
  readonly configs: Level['configs']
  readonly accounts: readonly Account[]
}
function offered(line: readonly [Url, ...Url[]]): readonly Tool[] {
  const [own, ...above] = line.map(({ configs, accounts: of }): Level => {
    const [config, ...wider] = configs
    const bindings = of.map((one) => ({ ...one, tools: deriveTools(one.connector, config, one.account.scopes, wider) }))
    return { configs, bindings }
  })
  if (!own) throw new Error('a line has a URL')
  return offerTools('mcp_1', [own, ...above]).tools
}

/** As far down as it goes: each URL, whether its narrowing was refused, and what it offers. */
function derive(config: McpServerConfig, wishes: readonly (readonly [unknown, readonly number[]])[], lifeMs: number) {
  const root: Url = { configs: [config], accounts }
  let line: readonly [Url, ...Url[]] = [root]
  let expiresAt = NOW + lifeMs
  const made = [{ url: root, tools: offered(line), over: false }]
  for (const [wish, chosen] of wishes) {
    const [parent] = line
    const [own, ...wider] = parent.configs
    const narrowed = narrow({ config: own, wider, expiresAt }, wish)
    if (!narrowed.ok) return { made, refused: true }
    expect(narrowed.wider).toEqual(parent.configs)
    expect(narrowed.expiresAt).toBeLessThanOrEqual(expiresAt)
    expiresAt = narrowed.expiresAt
    const some = parent.accounts.filter((_, at) => chosen.includes(at))
    const url: Url = {
      configs: [narrowed.config, ...narrowed.wider],
      accounts: some.length > 0 ? some : parent.accounts,
    }
    const offer = urlOffer(url.accounts, narrowed.config, { wider: narrowed.wider, offered: offered(line) })
    line = [url, ...line]
    const tools = offered(line)
    // What is promised when a URL is derived is what it has.
    if (offer.ok) expect(offer.tools.map(({ name }) => name)).toEqual(tools.map(({ name }) => name))
    made.push({ url, tools, over: !offer.ok && offer.because.includes('over budget') })
  }
  return { made, refused: false }
}

test('narrowConfig() gives nothing that the URL above has not, four times in a row, for random configurations', () => {
  const seen = { narrowed: 0, refused: 0, lost: 0, over: 0, trimmed: 0, fewerAccounts: 0 }
  const chosen = fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { maxLength: 2 })
  fc.assert(
    fc.property(
      randomBudgetedInput,
      fc.array(fc.tuple(randomBudgetedInput, chosen), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1_000, max: 100 * HOUR }),
      (input, wishes, lifeMs) => {
        const root = mcpServerConfig.parse({ methods: ['read', 'write'], ...input })
        const { made, refused } = derive(root, wishes, lifeMs)
        seen.refused += refused ? 1 : 0
        made.forEach(({ url, tools, over }, at) => {
          const above = made[at - 1]
          if (!above) return
          expect(excess(above.tools, tools)).toEqual([])
          const [config, ...wider] = url.configs
          for (const wide of wider) {
            expect(atLeastAsStrict(policies[config.pii], policies[wide.pii])).toBe(true)
            if (wide.require_api_token_auth) expect(config.require_api_token_auth).toBe(true)
            if (wide.resolve_pseudonyms !== true) expect(config.resolve_pseudonyms).not.toBe(true)
            expect(tools.length).toBeLessThanOrEqual(wide.max_tools ?? tools.length)
          }
          seen.narrowed += 1
          seen.lost += above.tools.length - tools.length
          seen.over += over ? 1 : 0
          seen.trimmed += wider.some(({ max_tools, max_tokens }) => max_tools ?? max_tokens) && tools.length > 0 ? 1 : 0
          seen.fewerAccounts += url.accounts.length < above.url.accounts.length && tools.length > 0 ? 1 : 0
        })
      },
    ),
    { numRuns: 1_000 },
  )
  // The control: much was derived, much was taken away, much was refused, and budgets and accounts mattered.
  const { narrowed, refused, lost, ...rarer } = seen
  expect(Math.min(narrowed, refused, lost)).toBeGreaterThan(200)
  expect(Object.entries(rarer).filter(([, times]) => times < 3)).toEqual([])
})

test('narrowConfig() cannot bring back what a budget left out above, by other filters or fewer accounts', () => {
  const config = mcpServerConfig.parse({ methods: ['read', 'write'], max_tools: 3, over_budget: 'trim' })
  const parent: Url = { configs: [config], accounts }
  const three = offered([parent])
  expect(three).toHaveLength(3)
  for (const [wish, of] of [
    [{ only: ['delete_*'] }, accounts],
    [{}, accounts.slice(1)],
  ] as const) {
    const made = narrow(parentOf(config), wish)
    if (!made.ok) throw new Error(made.faults.join())
    const child: Url = { configs: [made.config, ...made.wider], accounts: of }
    expect(excess(three, offered([child, parent]))).toEqual([])
    // The control: fitted once, over what is left at the end, there would be other tools.
    expect(excess(three, offered([child])).length).toBeGreaterThan(0)
  }
})

test('narrowConfig() is needed: the same wish without the configurations above gives more', () => {
  const parent = parentOf({ methods: ['read'], only: ['*contact*'] })
  const made = narrow(parent, { methods: ['read', 'write'], only: ['*'] })
  if (!made.ok) throw new Error(made.faults.join())
  const [system] = loadCatalog().values()
  if (!system) throw new Error('the catalog is empty')
  const above = deriveTools(system, parent.config, undefined)
  expect(excess(above, deriveTools(system, made.config, undefined, made.wider))).toEqual([])
  expect(excess(above, deriveTools(system, made.config, undefined)).length).toBeGreaterThan(5)
})

test('narrowConfig() takes over what is not said, and ends within the hour and with the parent', () => {
  const parent = parentOf({ methods: ['list'], pii: 'strip', require_api_token_auth: false })
  expect(narrow(parent)).toMatchObject({
    ok: true,
    config: { methods: ['list'], pii: 'strip', require_api_token_auth: false, expires_in_s: 3_600 },
    expiresAt: NOW + HOUR,
  })
  expect(narrow(parent, { expires_in_s: 7 * 24 * 3_600 })).toMatchObject({ expiresAt: NOW + 24 * HOUR })
  expect(narrow(parentOf({}, 5_000))).toMatchObject({ expiresAt: NOW + 5_000, config: { expires_in_s: 5 } })
})

test.each([
  [{ pii: 'mask' }, { pii: 'full' }, 'pii "full" shows what "mask" hides.'],
  [{ pii: 'pseudonym' }, { pii: 'strip' }, 'pii "strip" shows what "pseudonym" hides.'],
  [{}, { resolve_pseudonyms: true }, 'resolve_pseudonyms is not granted to this URL.'],
  [{}, { require_api_token_auth: false }, 'require_api_token_auth cannot be switched off.'],
])('narrowConfig() of %j refuses %j', (config, wish, fault) => {
  expect(narrow(parentOf(config), wish)).toEqual({ ok: false, faults: [fault] })
})

test('narrowConfig() goes four deep', () => {
  const config = mcpServerConfig.parse({})
  const deep = (above: number) => narrow({ ...parentOf({}), wider: Array.from({ length: above }, () => config) }).ok
  expect([deep(3), deep(4)]).toEqual([true, false])
})
