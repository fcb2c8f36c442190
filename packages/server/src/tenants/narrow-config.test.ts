/** @module A derived URL never has more than the one it comes from. */
import { loadCatalog } from '@quartermaster/connectors'
import { atLeastAsStrict, type McpServerConfig, mcpServerConfig, policies } from '@quartermaster/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deriveTools } from '../tools/derive-tools.ts'
import { randomConfig, randomConfigInput } from '../tools/random-config.test.fixture.ts'
import type { Tool } from '../tools/tool.ts'
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

test('narrowConfig() gives nothing that the URL above has not, four times in a row, for random configurations', () => {
  const systems = [...loadCatalog().values()]
  let narrowed = 0
  let refused = 0
  let lost = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...systems),
      randomConfig,
      fc.array(randomConfigInput, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1_000, max: 100 * HOUR }),
      (system, config, wishes, lifeMs) => {
        const line: McpServerConfig[] = [config]
        let above = deriveTools(system, config, undefined)
        let expiresAt = NOW + lifeMs
        for (const wish of wishes) {
          const [own = config, ...wider] = line
          const made = narrow({ config: own, wider, expiresAt }, wish)
          refused += made.ok ? 0 : 1
          if (!made.ok) break
          const tools = deriveTools(system, made.config, undefined, made.wider)
          expect(excess(above, tools)).toEqual([])
          for (const wide of made.wider) {
            expect(atLeastAsStrict(policies[made.config.pii], policies[wide.pii])).toBe(true)
            if (wide.require_api_token_auth) expect(made.config.require_api_token_auth).toBe(true)
            if (wide.resolve_pseudonyms !== true) expect(made.config.resolve_pseudonyms).not.toBe(true)
          }
          expect(made.wider).toEqual(line)
          expect(made.expiresAt).toBeLessThanOrEqual(expiresAt)
          narrowed += 1
          lost += above.length - tools.length
          line.unshift(made.config)
          above = tools
          expiresAt = made.expiresAt
        }
      },
    ),
    { numRuns: 1_000 },
  )
  // The control: much was derived, much was taken away, and much was refused.
  expect(Math.min(narrowed, refused, lost)).toBeGreaterThan(200)
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
