/**
 * @module
 * Makes a tenant's demo company from a seed. The same seed and tenant give the same company, byte for byte; another
 * tenant gets other people, and no two tenants share an e-mail address.
 */
import { makeLeads, makeNotes, makeTasks, makeTickets } from './activities.ts'
import { makeDeals, stages } from './deals.ts'
import { firstNames, lastNames } from './names.ts'
import { makeOrganisations } from './organisations.ts'
import { makePeople } from './people.ts'
import { createRandom, hash, type Random } from './random.ts'
import type { Colleague, World } from './world.ts'

const size = { colleagues: 12, organisations: 130, people: 540, deals: 220 } as const

/** 12 colleagues, 130 organisations, 540 people, 220 deals, and what is being done about them. */
export function createWorld(tenant: string, seed: number): World {
  const random = createRandom(`${seed}:${tenant}`)
  const zone = zoneOf(tenant)
  const owners = size.colleagues
  const organisations = makeOrganisations(random, size.organisations, zone, owners)
  const people = makePeople(random, size.people, { organisations, owners, zone })
  const [first, ...rest] = organisations
  if (!first) throw new RangeError('Cannot make deals: the world has no organisation')
  const deals = makeDeals(random, size.deals, { organisations: [first, ...rest], people, owners })
  const activities = {
    tickets: makeTickets(people),
    leads: makeLeads(people, organisations),
    tasks: makeTasks(deals),
    notes: makeNotes(people),
  }
  return { tenant, colleagues: makeColleagues(random, zone), stages, organisations, people, deals, ...activities }
}

/** A DNS suffix of the tenant's own, below the top-level domain that RFC 2606 sets aside. */
function zoneOf(tenant: string): string {
  const label = tenant
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 20)
  return `${label ? `${label}-` : ''}${hash(tenant).toString(36)}.example`
}

function makeColleagues(random: Random, zone: string): Colleague[] {
  return Array.from({ length: size.colleagues }, (_, index) => {
    const key = index + 1
    const firstName = random.pick(firstNames)
    const lastName = random.pick(lastNames)
    return { key, firstName, lastName, email: `colleague.${key}@${zone}`, active: key < size.colleagues - 1 }
  })
}
