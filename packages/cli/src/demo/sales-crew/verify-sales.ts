/**
 * @module
 * Compares what the crew says it did with what the system holds before and after: each write once, and nothing else.
 */
import { z } from 'zod'
import type { Outcome, Target } from './deal-desk.ts'

const raw = z.object({ records: z.array(z.object({ id: z.string(), values: z.record(z.string(), z.unknown()) })) })
type Raw = z.infer<typeof raw>['records']

export interface SalesSnapshot {
  readonly deals: Raw
  readonly contacts: Raw
}

export interface SalesCheck {
  readonly deals: number
  readonly contacts: number
  /** What is not as it should be, in words. */
  readonly faults: readonly string[]
}

/** @param companyUrl such as `http://127.0.0.1:4800/__sandbox/acme` */
export async function salesSnapshot(companyUrl: string): Promise<SalesSnapshot> {
  const ask = async (type: string) =>
    raw.parse(await (await fetch(`${companyUrl}/hubspot/records/${type}`)).json()).records
  const [deals, contacts] = await Promise.all([ask('deals'), ask('contacts')])
  return { deals, contacts }
}

export function verifySales(
  before: SalesSnapshot,
  after: SalesSnapshot,
  work: { readonly targets: readonly Target[]; readonly outcomes: readonly Outcome[] },
): SalesCheck {
  const faults: string[] = []
  const old = new Map(before.deals.map(({ id, values }) => [id, JSON.stringify(values)]))
  const changed = after.deals.filter(({ id, values }) => old.get(id) !== JSON.stringify(values))
  const known = new Set(before.contacts.map(({ id }) => id))
  const created = after.contacts.filter(({ id }) => !known.has(id))
  const expect = (what: string, found: number, wanted: number) => {
    if (found !== wanted) faults.push(`${what}: ${found} instead of ${wanted}`)
  }

  expect('deals that changed', changed.length, work.outcomes.filter(({ written }) => written).length)
  expect('contacts that are new', created.length, work.targets.length)
  expect('outcomes', work.outcomes.length, work.targets.length)
  for (const { id, follow_up_email } of work.targets) {
    const outcome = work.outcomes.find(({ deal_id }) => deal_id === id)
    const deal = changed.find((each) => each.id === id)
    if (outcome?.written === false && deal) faults.push(`deal ${id}: the next step is there although it was refused`)
    if (outcome?.written !== false && deal?.values['hs_next_step'] !== outcome?.next_step)
      faults.push(`deal ${id}: the next step is not there`)
    expect(`contacts for deal ${id}`, created.filter(({ values }) => values['email'] === follow_up_email).length, 1)
  }
  return { deals: changed.length, contacts: created.length, faults }
}
