/**
 * @module
 * Puts canaries into the demo company wherever something stands that is a person's: by the names of the members, so
 * that lists which are added to the company later are planted too.
 */
import type { PiiClass } from '@quartermaster/protocol'
import type { World } from '@quartermaster/sandbox'
import { type Canary, nameWith, wordSource } from './canary.ts'

export interface Planting {
  readonly canaries: Canary[]
  readonly plant: (world: World) => World
}

interface Made {
  readonly value: string
  readonly mark: string
  /** Ways to reach somebody that stand inside the text. */
  readonly inside?: readonly Made[]
}
type Make = (word: string, index: number) => Made

/** What colleagues write: names, markup, and how to reach people, which is scrubbed even where words are shown. */
const text: Make = (word, index) => {
  const inside = [address(`w${word.slice(1)}`, index), phone(word, index + 1_000_000)]
  const value = `Spoke to ${nameWith(word, index)} (VIP) <b>"terms" & 'dates'</b>; mail ${inside[0]?.value}, call ${inside[1]?.value}.`
  return { value, mark: word, inside }
}
const address: Make = (word) => ({ value: `${word}@people.example`, mark: word })
/** Area code 555 and seven digits from the index: a number that no text has by chance. */
const phone: Make = (_, index) => {
  const digits = String(5_550_000_000 + ((index * 7_919_993) % 9_999_991)).padStart(10, '0')
  const value = `+1${digits}`
  return { value, mark: digits }
}

/** What is planted where, by the member's name. */
const kinds: Readonly<Record<string, { readonly piiClass: PiiClass; readonly make: Make }>> = {
  firstName: {
    piiClass: 'identity',
    make: (word, index) => ({ value: nameWith(word, index).slice(0, 38), mark: word }),
  },
  lastName: { piiClass: 'identity', make: (word, index) => ({ value: nameWith(word, index + 4), mark: word }) },
  email: { piiClass: 'contact', make: address },
  otherEmails: { piiClass: 'contact', make: address },
  phone: { piiClass: 'contact', make: phone },
  mobile: { piiClass: 'contact', make: phone },
  street: { piiClass: 'contact', make: (word, index) => ({ value: `${index} ${word} Straße`, mark: word }) },
  notes: { piiClass: 'free_text', make: text },
  nextStep: { piiClass: 'free_text', make: text },
  description: { piiClass: 'free_text', make: text },
  subject: { piiClass: 'free_text', make: text },
  body: { piiClass: 'free_text', make: text },
  assistantEmail: { piiClass: 'unclassified', make: address },
  favouriteColour: { piiClass: 'unclassified', make: (word, index) => ({ value: nameWith(word, index), mark: word }) },
}

/** Records of each list that are planted; the first ones, so that first pages show them. */
const EACH = 60
/** What a lead does not carry: of somebody who is a lead only as far as first pages go, nobody could see it. */
const onlyOfContacts = ['otherEmails', 'assistantEmail', 'favouriteColour']
/** Users, whom every record may name. */
const USERS = 10

export function planting(seed: number, tenant: string): Planting {
  const canaries: Canary[] = []
  const word = wordSource(seed)

  const byPlace = new Map<string, string>()
  function valueFor(place: string, name: string): string {
    const known = byPlace.get(place)
    const kind = kinds[name]
    if (known !== undefined || !kind) return known ?? ''
    const mark = word()
    const made = kind.make(mark, canaries.length)
    canaries.push({ value: made.value, mark: made.mark, piiClass: kind.piiClass, place })
    for (const { value, mark: inner } of made.inside ?? []) {
      canaries.push({ value, mark: inner, piiClass: 'contact', place: `${place} (inside)` })
    }
    byPlace.set(place, made.value)
    return made.value
  }

  function plantIn(
    list: string,
    record: Readonly<Record<string, unknown>>,
    skip: readonly string[] = [],
  ): Record<string, unknown> {
    const key = String(record['key'])
    const members = Object.entries(record).map(([name, value]) => {
      const place = `${list}.${key}.${name}`
      // A lead is a person who stands among the people as well.
      if (name === 'person' && isObject(value)) {
        return [name, plantIn('people', value, Number(value['key']) <= EACH ? [] : onlyOfContacts)]
      }
      if (skip.includes(name)) return [name, value]
      if (name === 'otherEmails') return [name, [valueFor(place, name)]]
      if (typeof value !== 'string' || !Object.hasOwn(kinds, name)) return [name, value]
      return [name, valueFor(place, name)]
    })
    return Object.fromEntries(members) as Record<string, unknown>
  }

  return {
    canaries,
    plant(world) {
      const lists = Object.entries(world).map(([list, records]) => {
        if (!Array.isArray(records) || list === 'stages' || world.tenant !== tenant) return [list, records]
        const planted = (records as readonly Record<string, unknown>[]).map((record) => {
          const isEarly = Number(record['key']) <= (list === 'colleagues' ? USERS : EACH)
          const gone = record['active'] === false
          return isEarly && !gone ? plantIn(list, record) : record
        })
        return [list, planted]
      })
      return Object.fromEntries(lists) as World
    },
  }
}

/** Values that stand in no system: what a caller says, and nobody may write down or repeat in a failure. */
export function spokenCanaries(seed: number, count: number): readonly Canary[] {
  const word = wordSource(seed + 1_000_003)
  const makes = [text, address, phone, (mark: string, index: number) => ({ value: nameWith(mark, index), mark })]
  return Array.from({ length: count }, (_, index) => {
    const made = (makes[index % makes.length] ?? text)(word(), index + 2_000_000)
    return { value: made.value, mark: made.mark, piiClass: 'identity' as const, place: `${SPOKEN}${index}` }
  })
}

export const SPOKEN = 'spoken.'

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
