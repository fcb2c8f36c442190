/** @module A derived URL never has more than the one it comes from. */
import { loadCatalog } from '@quartermaster/connectors'
import { atLeastAsStrict, type McpServerConfig, mcpServerConfig, policies } from '@quartermaster/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomBudgetedInput } from '../../test/random-config.ts'
import { sampleAccess } from '../../test/sample-tools.ts'
import { deriveTools } from '../tools/derive-tools.ts'
import { offerTools, type ToolSource } from '../tools/offer.ts'
import type { Tool } from '../tools/tool.ts'
import { urlOffer } from '../tools/url-offer.ts'
import { deriveConfig, derivedConfigInput } from './derive-config.ts'

const NOW = 1_800_000_000_000
const HOUR = 3_600_000
const parentOf = (config: unknown, lifeMs = 24 * HOUR) => ({
  config: mcpServerConfig.parse(config),
  expiresAt: NOW + lifeMs,
})
const deriveFrom = (parent: Parameters<typeof deriveConfig>[0], wish: unknown = {}) =>
  deriveConfig(parent, derivedConfigInput.parse(wish), NOW)

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
  readonly configs: ToolSource['configs']
  readonly accounts: readonly Account[]
}
function offered(lineage: readonly [Url, ...Url[]]): readonly Tool[] {
  const [own, ...ancestors] = lineage.map(({ configs, accounts: of }): ToolSource => {
    const [config, ...ancestorConfigs] = configs
    const bindings = of.map((one) => ({
      ...one,
      tools: deriveTools(one.connector, config, one.account.scopes, ancestorConfigs),
    }))
    return { configs, bindings }
  })
  if (!own) throw new Error('a lineage has a URL')
  return offerTools('mcp_1', [own, ...ancestors]).tools
}

/** As far down as it goes: each URL, whether its narrowing was refused, and what it offers. */
function derive(config: McpServerConfig, wishes: readonly (readonly [unknown, readonly number[]])[], lifeMs: number) {
  const root: Url = { configs: [config], accounts }
  let lineage: readonly [Url, ...Url[]] = [root]
  let expiresAt = NOW + lifeMs
  const made = [{ url: root, tools: offered(lineage), over: false }]
  for (const [wish, chosen] of wishes) {
    const [parent] = lineage
    const [own, ...ancestorConfigs] = parent.configs
    const derived = deriveFrom({ config: own, ancestorConfigs, expiresAt }, wish)
    if (!derived.ok) return { made, refused: true }
    expect(derived.ancestorConfigs).toEqual(parent.configs)
    expect(derived.expiresAt).toBeLessThanOrEqual(expiresAt)
    expiresAt = derived.expiresAt
    const some = parent.accounts.filter((_, at) => chosen.includes(at))
    const url: Url = {
      configs: [derived.config, ...derived.ancestorConfigs],
      accounts: some.length > 0 ? some : parent.accounts,
    }
    const offer = urlOffer(url.accounts, derived.config, {
      configs: derived.ancestorConfigs,
      offered: offered(lineage),
    })
    lineage = [url, ...lineage]
    const tools = offered(lineage)
    // What is promised when a URL is derived is what it has.
    if (offer.ok) expect(offer.tools.map(({ name }) => name)).toEqual(tools.map(({ name }) => name))
    made.push({ url, tools, over: !offer.ok && offer.because.includes('over budget') })
  }
  return { made, refused: false }
}

test('deriveConfig() gives nothing that its parent has not, four times in a row, for random configurations', () => {
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
          const parent = made[at - 1]
          if (!parent) return
          expect(excess(parent.tools, tools)).toEqual([])
          const [config, ...ancestorConfigs] = url.configs
          for (const wide of ancestorConfigs) {
            expect(atLeastAsStrict(policies[config.pii], policies[wide.pii])).toBe(true)
            if (wide.require_api_token_auth) expect(config.require_api_token_auth).toBe(true)
            if (wide.resolve_pseudonyms !== true) expect(config.resolve_pseudonyms).not.toBe(true)
            expect(tools.length).toBeLessThanOrEqual(wide.max_tools ?? tools.length)
          }
          seen.narrowed += 1
          seen.lost += parent.tools.length - tools.length
          seen.over += over ? 1 : 0
          seen.trimmed +=
            ancestorConfigs.some(({ max_tools, max_tokens }) => max_tools ?? max_tokens) && tools.length > 0 ? 1 : 0
          seen.fewerAccounts += url.accounts.length < parent.url.accounts.length && tools.length > 0 ? 1 : 0
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

test('deriveConfig() cannot bring back what a limit of an ancestor left out, by other filters or fewer accounts', () => {
  const config = mcpServerConfig.parse({ methods: ['read', 'write'], max_tools: 3, over_budget: 'trim' })
  const parent: Url = { configs: [config], accounts }
  const three = offered([parent])
  expect(three).toHaveLength(3)
  for (const [wish, of] of [
    [{ only: ['delete_*'] }, accounts],
    [{}, accounts.slice(1)],
  ] as const) {
    const made = deriveFrom(parentOf(config), wish)
    if (!made.ok) throw new Error(made.faults.join())
    const child: Url = { configs: [made.config, ...made.ancestorConfigs], accounts: of }
    expect(excess(three, offered([child, parent]))).toEqual([])
    // The control: fitted once, over what is left at the end, there would be other tools.
    expect(excess(three, offered([child])).length).toBeGreaterThan(0)
  }
})

test('deriveConfig() is needed: the same wish without the ancestor configurations gives more', () => {
  const parent = parentOf({ methods: ['read'], only: ['*contact*'] })
  const made = deriveFrom(parent, { methods: ['read', 'write'], only: ['*'] })
  if (!made.ok) throw new Error(made.faults.join())
  const [system] = loadCatalog().values()
  if (!system) throw new Error('the catalog is empty')
  const above = deriveTools(system, parent.config, undefined)
  expect(excess(above, deriveTools(system, made.config, undefined, made.ancestorConfigs))).toEqual([])
  expect(excess(above, deriveTools(system, made.config, undefined)).length).toBeGreaterThan(5)
})

test('deriveConfig() takes over what is not said, and ends within the hour and with the parent', () => {
  const parent = parentOf({ methods: ['list'], pii: 'strip', require_api_token_auth: false })
  expect(deriveFrom(parent)).toMatchObject({
    ok: true,
    config: { methods: ['list'], pii: 'strip', require_api_token_auth: false, expires_in_s: 3_600 },
    expiresAt: NOW + HOUR,
  })
  expect(deriveFrom(parent, { expires_in_s: 7 * 24 * 3_600 })).toMatchObject({ expiresAt: NOW + 24 * HOUR })
  expect(deriveFrom(parentOf({}, 5_000))).toMatchObject({ expiresAt: NOW + 5_000, config: { expires_in_s: 5 } })
})

test.each([
  [{ pii: 'mask' }, { pii: 'full' }, 'pii "full" shows what "mask" hides.'],
  [{ pii: 'pseudonym' }, { pii: 'strip' }, 'pii "strip" shows what "pseudonym" hides.'],
  [{}, { resolve_pseudonyms: true }, 'resolve_pseudonyms is not granted to this URL.'],
  [{}, { require_api_token_auth: false }, 'require_api_token_auth cannot be switched off.'],
])('deriveConfig() of %j refuses %j', (config, wish, fault) => {
  expect(deriveFrom(parentOf(config), wish)).toEqual({ ok: false, faults: [fault] })
})

test('deriveConfig() goes four deep', () => {
  const config = mcpServerConfig.parse({})
  const deep = (above: number) =>
    deriveFrom({ ...parentOf({}), ancestorConfigs: Array.from({ length: above }, () => config) }).ok
  expect([deep(3), deep(4)]).toEqual([true, false])
})
