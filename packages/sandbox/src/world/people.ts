/**
 * @module
 * The people of the demo company's market: remarkable names first, then made-up ones, with gaps, duplicates, notes
 * full of personal data and a few hostile ones.
 */
import { colours, firstNames, lastNames, leadSources, places, remarkablePeople, streets, titles } from './names.ts'
import { makePhone } from './organisations.ts'
import { injections, writeNote } from './prose.ts'
import type { Random } from './random.ts'
import { someDay, timestamps } from './timeline.ts'
import type { Organisation, Person } from './world.ts'

/** What people belong to. */
export interface Surroundings {
  readonly organisations: readonly Organisation[]
  readonly owners: number
  /** Ends the addresses of people without an organisation. */
  readonly zone: string
}

/** Every 40th person is an earlier one again, entered twice by somebody in a hurry. E-mail addresses stay unique. */
export function makePeople(random: Random, count: number, around: Surroundings): Person[] {
  const people: Person[] = []
  for (let key = 1; key <= count; key++) {
    const earlier = key % 40 === 0 ? people[key - 30] : undefined
    people.push(earlier ? enterTwice(random, earlier, key) : makePerson(random, key, around))
  }
  return people
}

function makePerson(random: Random, key: number, { organisations, owners, zone }: Surroundings): Person {
  const [firstName, lastName] = remarkablePeople[key - 1] ?? [
    random.orNull(0.04, () => random.pick(firstNames)),
    random.pick(lastNames),
  ]
  const organisation = random.chance(0.12) ? undefined : organisations[random.between(0, organisations.length - 1)]
  const place = random.pick(places)
  const phone = makePhone(random)
  const local = `${ascii(firstName ?? '')}.${ascii(lastName)}`.replace(/^\.+|(?<!\.)\.+$/g, '') || 'person'
  const email = `${local}.${key}@${organisation?.domain ?? `mail.${zone}`}`
  const known = random.chance(0.92) || key <= remarkablePeople.length
  return {
    key,
    firstName,
    lastName,
    email: known ? email : null,
    otherEmails: known && random.chance(0.1) ? [`${local}.${key}.home@mail.${zone}`] : [],
    phone: random.orNull(0.15, () => phone),
    mobile: random.orNull(0.4, () => makePhone(random)),
    title: random.orNull(0.12, () => random.pick(titles)),
    organisationKey: organisation?.key ?? null,
    ownerKey: random.between(1, owners),
    city: random.orNull(0.15, () => place.city),
    state: random.orNull(0.3, () => place.state),
    country: random.orNull(0.15, () => place.country),
    street: random.orNull(0.35, () => `${random.between(1, 240)} ${random.pick(streets)}`),
    postalCode: random.orNull(0.35, () => place.postalCode),
    birthDate: random.orNull(0.5, () => someDay(random, -27_000, -7_500)),
    leadSource: random.orNull(0.2, () => random.pick(leadSources)),
    notes: notesOn(random, key, { name: [firstName, lastName].filter(Boolean).join(' '), email, phone }),
    favouriteColour: random.orNull(0.3, () => random.pick(colours)),
    assistantEmail: random.orNull(0.6, () => `assistant.${key}@${organisation?.domain ?? `mail.${zone}`}`),
    ...timestamps(random),
  }
}

function notesOn(random: Random, key: number, who: { name: string; email: string; phone: string }): string | null {
  const injection = key % 97 === 20 ? random.pick(injections) : undefined
  return injection ?? random.orNull(0.35, () => writeNote(random, who))
}

function enterTwice(random: Random, person: Person, key: number): Person {
  const email = random.chance(0.5) && person.email ? person.email.replace('@', `+${key}@`) : null
  return { ...person, key, email, otherEmails: [], notes: null, ...timestamps(random) }
}

/** What is left of a name in the local part of an address. */
function ascii(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '')
}
