/**
 * @module
 * Two companies that differ in nothing but what a role may not see: other names, addresses, numbers and texts, longer and
 * shorter ones, there and not there. Whatever the role asks, right or wrong, it cannot tell in which one it is: every
 * answer is the same to the byte, and so is every refusal and the length of every cursor.
 */
import type { McpServerConfigInput } from '@quartermaster/protocol'
import type { World } from '@quartermaster/sandbox'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { roles } from '@quartermaster/toolsets'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Canary } from './canary.ts'
import { sweep } from './sweep.ts'
import { transports } from './transports.ts'
import { unlimited } from './unlimited.ts'

const [mcp] = transports

/** `one` or `other` of something hidden, by the record's key: sometimes the other world has nothing there. */
const rewritten =
  (side: 'one' | 'other') =>
  (world: World): World => {
    const text = (key: number, what: string) => {
      if (side === 'one') return `${what} of ${key}`
      return `${'much '.repeat(key % 7)}longer ${what}, "quoted" & <b>ünïcode</b> ${key * 7_919}`
    }
    const maybe = (key: number, value: string) => (side === 'other' && key % 3 === 0 ? null : value)
    const hidden = <R extends { readonly key: number }>(records: readonly R[], change: (key: number) => Partial<R>) =>
      records.map((record) => ({ ...record, ...change(record.key) }))
    const phone = (key: number) => maybe(key, side === 'one' ? `+1 415 555 ${1_000 + key}` : `+49 89 ${200_000 + key}`)
    const place = (key: number) => ({
      phone: phone(key),
      street: maybe(key, text(key, 'street')),
      city: maybe(key + 1, text(key, 'city').slice(0, 30)),
      state: null,
      postalCode: maybe(key, String(10_000 + key * (side === 'one' ? 1 : 3))),
    })
    const person = (key: number) => ({
      ...place(key),
      firstName: maybe(key + 1, text(key, 'Ann').slice(0, 38)),
      lastName: text(key, 'Lee').slice(0, 60),
      email: maybe(key, `${side}.${key * (side === 'one' ? 1 : 1_009)}@people-${side}.example`),
      otherEmails: side === 'one' ? [] : [`second.${key}@elsewhere.example`],
      mobile: phone(key + 1),
      birthDate: maybe(key, side === 'one' ? '1980-01-02' : '1999-12-31'),
      // Never absent: that there was an activity, and when, is a timestamp that the role may see.
      notes: text(key, 'note'),
      favouriteColour: maybe(key, side),
      assistantEmail: maybe(key + 1, `assistant.${key}@${side}.example`),
    })
    return {
      ...world,
      colleagues: hidden(world.colleagues, (key) => ({
        firstName: text(key, 'Kim').slice(0, 30),
        lastName: text(key, 'Doe').slice(0, 50),
        email: `${side}.colleague.${key}@house-${side}.example`,
      })),
      organisations: hidden(world.organisations, (key) => ({
        ...place(key),
        description: maybe(key, text(key, 'firm')),
      })),
      people: hidden(world.people, person),
      deals: hidden(world.deals, (key) => ({
        nextStep: maybe(key, text(key, 'step')),
        notes: maybe(key + 1, text(key, 'deal')),
      })),
      tickets: hidden(world.tickets, (key) => ({ subject: text(key, 'subject'), body: text(key, 'body') })),
      leads: world.leads.map((lead) => ({ ...lead, person: { ...lead.person, ...person(lead.person.key) } })),
      tasks: hidden(world.tasks, (key) => ({ subject: text(key, 'task') })),
      notes: hidden(world.notes, (key) => ({ title: text(key, 'title'), body: text(key, 'words') })),
    }
  }

const opened = (side: 'one' | 'other') => openTestbed({ ...unlimited, plant: rewritten(side) })
let worlds: readonly [Testbed, Testbed]
beforeAll(async () => {
  worlds = [await opened('one'), await opened('other')]
})
afterAll(() => Promise.all(worlds.map((testbed) => testbed.close())))

/** Values of the first world, with which both are asked. */
const known: readonly Canary[] = ['one.7@people-one.example', 'Lee of 7', '+1 415 555 1007', 'note of 7', 'one'].map(
  (value) => ({ value, mark: value, piiClass: 'contact', place: 'people.7' }),
)

/** Without what differs between any two calls: ids of the call and of the installation, the clock, a sealed cursor. */
function normal(raw: string): readonly string[] {
  return raw
    .replace(/\b(req|acc|mcp)_[0-9A-Za-z]+/g, '$1')
    .replace(/(next_cursor\\*":\\*")([\w-]+)/g, (_, lead: string, cursor: string) => `${lead}${cursor.length}`)
    .replace(/\["date","[^"]*"\]/g, '')
    .split('\n')
}

async function said(testbed: Testbed, system: string, config: McpServerConfigInput, thorough: boolean) {
  if (!mcp) throw new Error('there is no transport')
  const issue = async () => (await testbed.issue(system, config)).url
  const spoken = known.map((one) => ({ ...one, place: 'spoken.1' }))
  const { shown, refused, calls } = await sweep(testbed, {
    ...{ system, issue, transport: mcp, planted: known, spoken, pages: 3, thorough },
  })
  return { shown: normal(shown), refused: normal(refused), calls }
}

const hiding = [
  ['analytics', 'hubspot', roles.analytics.spec],
  ['analytics', 'salesforce', roles.analytics.spec],
  ['strip', 'hubspot', { methods: ['read'], pii: 'strip' }],
  ['strip', 'salesforce', { methods: ['read'], pii: 'strip' }],
] as const

test.each(hiding)(
  '%s cannot tell two worlds of %s apart that differ in what it may not see',
  async (role, system, spec) => {
    const config = { ...spec, methods: [...(spec.methods ?? [])] } as McpServerConfigInput
    const [one, other] = await Promise.all(worlds.map((testbed) => said(testbed, system, config, role === 'analytics')))
    expect(one?.calls).toBeGreaterThan(100)
    expect(one?.calls).toBe(other?.calls)
    for (const part of ['shown', 'refused'] as const) {
      expect(one?.[part].length).toBeGreaterThan(40)
      const differing = one?.[part].flatMap((line, index) =>
        line === other?.[part][index] ? [] : [[line, other?.[part][index]]],
      )
      expect(differing?.slice(0, 2)).toEqual([])
      expect(one?.[part].length).toBe(other?.[part].length)
    }
  },
  240_000,
)

test.each(['hubspot', 'salesforce'])(
  'the role that sees everything of %s tells them apart at every list',
  async (system) => {
    const config: McpServerConfigInput = { methods: ['list', 'search'], pii: 'full' }
    const [one, other] = await Promise.all(worlds.map((testbed) => said(testbed, system, config, false)))
    const differing = one?.shown.filter((line, index) => line !== other?.shown[index]) ?? []
    expect(differing.length).toBeGreaterThan(15)
  },
  120_000,
)
