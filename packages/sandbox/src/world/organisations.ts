/**
 * @module
 * The organisations of the demo company's market: some remarkable names first, then made-up ones, with gaps.
 */
import { brands, industries, places, remarkableOrganisations, streets, trades } from './names.ts'
import type { Random } from './random.ts'
import { timestamps } from './timeline.ts'
import type { Organisation } from './world.ts'

/** `count` organisations; `zone` ends their domains, so that no two tenants share one. */
export function makeOrganisations(random: Random, count: number, zone: string, owners: number): Organisation[] {
  return Array.from({ length: count }, (_, index) => makeOrganisation(random, index + 1, zone, owners))
}

function makeOrganisation(random: Random, key: number, zone: string, owners: number): Organisation {
  const name = remarkableOrganisations[key - 1] ?? `${random.pick(brands)} ${random.pick(trades)}`
  const place = random.pick(places)
  const slug =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'org'
  return {
    key,
    name,
    domain: random.orNull(0.06, () => `${slug}-${key}.${zone}`),
    industry: random.orNull(0.1, () => random.pick(industries)),
    employees: random.orNull(0.15, () => random.between(1, 40_000)),
    annualRevenue: random.orNull(0.2, () => random.between(1, 90_000) * 10_000),
    phone: random.orNull(0.1, () => makePhone(random)),
    city: random.orNull(0.08, () => place.city),
    state: random.orNull(0.2, () => place.state),
    country: random.orNull(0.08, () => place.country),
    street: random.orNull(0.2, () => `${random.between(1, 240)} ${random.pick(streets)}`),
    postalCode: random.orNull(0.2, () => place.postalCode),
    description: random.orNull(
      0.4,
      () => `${name} buys in ${random.pick(['spring', 'autumn', 'bulk'])}. Front desk: ${makePhone(random)}.`,
    ),
    ownerKey: random.between(1, owners),
    ...timestamps(random),
  }
}

/** A number from the range that is set aside for fiction: +1 … 555-01xx. */
export function makePhone(random: Random): string {
  return `+1 ${random.between(201, 989)}-555-01${String(random.between(0, 99)).padStart(2, '0')}`
}
