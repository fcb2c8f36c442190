/**
 * @module
 * The hunt: canaries in every system, every role made to talk, and everything that was said, logged or stored searched.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { McpServerConfigInput, PiiClass } from '@quartermaster/protocol'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { roles } from '@quartermaster/toolsets'
import type { Canary } from './canary.ts'
import { planting, SPOKEN, spokenCanaries } from './plant.ts'
import { scanner } from './scanner.ts'
import { sweep } from './sweep.ts'
import { transports, transportsOf } from './transports.ts'
import { unlimited } from './unlimited.ts'

export interface HuntOptions {
  readonly seed: number
  /** Pages read of each list. */
  readonly pages: number
  /** Every transport, or the first alone. */
  readonly allTransports: boolean
  /** Fewer roles, and every failure at the analytics role's tools only. */
  readonly quick?: boolean
}

export interface Found {
  readonly where: string
  readonly place: string
  readonly encoding: string
}

export interface Hunted {
  readonly planted: number
  readonly byClass: Readonly<Record<string, number>>
  readonly transports: readonly string[]
  readonly calls: number
  readonly codes: Readonly<Record<string, number>>
  /** Canaries where none may be. */
  readonly leaks: readonly Found[]
  /**
   * Planted and not shown to the role that sees everything, by one transport or another: then their absence elsewhere
   * proves nothing.
   */
  readonly unseenByFull: readonly string[]
  /** How many were shown to it, by transport. */
  readonly seen_by_full: Readonly<Record<string, number>>
  /** How many the very tools of the analytics role show when nothing but its policy is changed. */
  readonly analytics_tools_unredacted: number
  readonly sinks: Readonly<Record<string, number>>
}

interface Seat {
  readonly role: string
  readonly config: McpServerConfigInput
  /** Classes that this role may see as they are. */
  readonly sees: readonly PiiClass[]
  /** Every failure and every wrong argument at every tool; else at one tool of each resource. */
  readonly thorough?: boolean
}

const quickRoles = new Set(['full', 'analytics', 'mask', 'strip'])
const SPOKEN_COUNT = 240
const everything = ['read', 'write', 'custom']
/** Order matters: the roles that write come last, for they write canaries. */
const seats: readonly Seat[] = [
  { role: 'full', config: { methods: ['read'], pii: 'full' }, sees: [], thorough: true },
  { role: 'analytics', config: roles.analytics.spec, sees: [], thorough: true },
  { role: 'support', config: roles.support.spec, sees: ['identity', 'free_text'] },
  { role: 'mask', config: { methods: everything, pii: 'mask' }, sees: ['identity', 'free_text'] },
  { role: 'pseudonym', config: { methods: ['read'], pii: 'pseudonym' }, sees: [] },
  { role: 'resolver', config: { methods: everything, pii: 'pseudonym', resolve_pseudonyms: true }, sees: [] },
  { role: 'strip', config: { methods: everything, pii: 'strip' }, sees: [], thorough: true },
]

export async function hunt(options: HuntOptions): Promise<Hunted> {
  const garden = planting(options.seed, 'acme')
  const testbed = await openTestbed({ ...unlimited, plant: garden.plant, onDisk: true })
  try {
    return await search(testbed, garden.canaries, options)
  } finally {
    for (const transport of transports) transport.close?.()
    await testbed.close()
  }
}

async function search(testbed: Testbed, canaries: readonly Canary[], options: HuntOptions): Promise<Hunted> {
  const spoken = spokenCanaries(options.seed, SPOKEN_COUNT)
  const scan = scanner([...canaries, ...spoken])
  const leaks: Found[] = []
  const codes: Record<string, number> = {}
  /** By the role that sees everything, by transport. */
  const seen = new Map<string, Set<Canary>>()
  const names = new Set<string>()
  let calls = 0

  const look = (where: string, text: string, allowed: (canary: Canary) => boolean = () => false) => {
    for (const { canary, encoding } of scan.find(text)) {
      if (!allowed(canary)) leaks.push({ where, place: canary.place, encoding })
    }
  }
  const ask = async ({ role, config, sees, thorough = false }: Seat, system: string) => {
    const issue = async () => (await testbed.issue(system, config)).url
    const there = await transportsOf(await issue(), testbed.server.adminToken)
    for (const transport of options.allTransports ? there : there.slice(0, 1)) {
      names.add(transport.name)
      const swept = await sweep(testbed, {
        system,
        issue,
        transport,
        planted: canaries,
        spoken,
        pages: options.pages,
        thorough,
      })
      calls += swept.calls
      for (const [code, times] of Object.entries(swept.codes)) codes[code] = (codes[code] ?? 0) + times
      const where = `${role} ${system} ${transport.name}`
      // A failure says nothing of a person to anybody, the role that sees everything included.
      look(`${where} failures`, swept.refused)
      if (role === 'full') {
        const own = seen.get(transport.name) ?? new Set<Canary>()
        seen.set(transport.name, own)
        for (const { canary } of scan.find(swept.shown)) own.add(canary)
      } else
        look(
          `${where} answers`,
          swept.shown,
          ({ piiClass, place }) => sees.includes(piiClass) || place.startsWith(SPOKEN),
        )
    }
  }
  const systems = Object.keys(testbed.accounts)
  const control = await withoutRedaction(testbed, scan, options)
  // Systems are apart from each other, faults included; the roles of one take turns.
  await Promise.all(
    systems.map(async (system) => {
      for (const seat of seats) {
        if (!options.quick) await ask(seat, system)
        else if (quickRoles.has(seat.role)) await ask({ ...seat, thorough: seat.role === 'analytics' }, system)
      }
    }),
  )
  const sinks = await searchSinks(testbed, look)
  return {
    planted: canaries.length,
    byClass: countBy(canaries.map(({ piiClass }) => piiClass)),
    transports: [...names],
    calls,
    codes,
    leaks,
    unseenByFull: [...seen].flatMap(([name, own]) =>
      canaries.filter((canary) => !own.has(canary)).map(({ place }) => `${place} over ${name}`),
    ),
    seen_by_full: Object.fromEntries(
      [...seen].map(([name, own]) => [name, canaries.filter((canary) => own.has(canary)).length]),
    ),
    analytics_tools_unredacted: control,
    sinks,
  }
}

/** The analytics role with nothing but its policy changed. */
async function withoutRedaction(testbed: Testbed, scan: ReturnType<typeof scanner>, { pages }: HuntOptions) {
  const found = new Set<Canary>()
  for (const system of Object.keys(testbed.accounts)) {
    const issue = async () => (await testbed.issue(system, { ...roles.analytics.spec, pii: 'full' })).url
    const [transport] = await transportsOf(await issue(), testbed.server.adminToken)
    if (!transport) continue
    const { shown } = await sweep(testbed, {
      system,
      issue,
      transport,
      planted: [],
      spoken: [],
      pages,
      thorough: false,
    })
    for (const { canary } of scan.find(shown)) found.add(canary)
  }
  return found.size
}

async function searchSinks(testbed: Testbed, look: (where: string, text: string) => void) {
  // A grant that is withdrawn makes an account announce itself.
  for (const [system, account] of Object.entries(testbed.accounts)) {
    testbed.control(system).revokeGrants()
    await testbed.admin('POST', `/integrated-account/${account}/refresh`)
  }
  const audit: string[] = []
  let after: number | null = 0
  while (after !== null) {
    const { text } = await testbed.admin('GET', `/audit?after=${after}`)
    audit.push(text)
    after = (JSON.parse(text) as { next_after?: number | null }).next_after ?? null
  }
  const metrics = await testbed.admin('GET', '/metrics')
  const texts = { log: testbed.logs.join('\n'), audit: audit.join('\n'), store: atRest(testbed), metrics: metrics.text }
  for (const [sink, text] of Object.entries(texts)) look(sink, text)
  return Object.fromEntries(Object.entries(texts).map(([sink, text]) => [sink, text.length]))
}

/** Every byte of the database, as text. */
function atRest({ dataDir = '' }: Testbed): string {
  const names = readdirSync(dataDir).filter((name) => name.startsWith('quartermaster.db'))
  return names.map((name) => readFileSync(join(dataDir, name)).toString('utf8')).join('\n')
}

export function countBy(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
