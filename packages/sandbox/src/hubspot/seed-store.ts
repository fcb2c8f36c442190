/**
 * @module
 * Turns the demo company into a HubSpot portal: contacts, companies, deals, notes, tasks, tickets and leads.
 */
import type { World } from '../world/world.ts'
import {
  companyProperties,
  dealProperties,
  leadStamps,
  noteProperties,
  taskProperties,
  ticketProperties,
} from './business-properties.ts'
import { contactProperties, leadProperties } from './person-properties.ts'
import { leadValues, noteValues, taskValues, ticketValues } from './seed-activities.ts'
import {
  companyValues,
  contactValues,
  dealValues,
  ownerOf,
  salesPipeline,
  supportPipeline,
  type Values,
} from './seed-values.ts'
import { createStore, type HubStore } from './store.ts'

const firstIds = {
  contacts: 501,
  companies: 2001,
  deals: 3001,
  tickets: 4001,
  tasks: 5001,
  notes: 6001,
  leads: 8001,
} as const
type SeededType = keyof typeof firstIds

/** A portal with every record of the world, in the order of the world's keys. */
export function seedStore(world: World): HubStore {
  const store = createStore({
    properties: new Map([
      ['contacts', contactProperties],
      ['companies', companyProperties],
      ['deals', dealProperties],
      ['tickets', ticketProperties],
      ['tasks', taskProperties],
      ['notes', noteProperties],
      ['leads', [...leadProperties, ...leadStamps]],
    ]),
    pipelines: [salesPipeline(world), supportPipeline],
    owners: world.colleagues.map(ownerOf),
    firstIds,
  })

  const add = (type: SeededType, values: Values, times: { createdAt: string; updatedAt: string }): string => {
    const id = store.nextId(type)
    const set = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== '')
    store.objects.get(type)?.set(id, {
      id,
      values: new Map(set.map(([name, value]) => [name, String(value)])),
      createdAt: Date.parse(times.createdAt),
      updatedAt: Date.parse(times.updatedAt),
      archivedAt: undefined,
    })
    return id
  }
  const link = (type: SeededType, id: string, toType: SeededType, toId: string | undefined) => {
    if (toId) store.associations.link({ type, id }, { type: toType, id: toId })
  }

  const companies = new Map(world.organisations.map((each) => [each.key, add('companies', companyValues(each), each)]))
  const contacts = new Map<number, string>()
  for (const person of world.people) {
    const organisation = world.organisations[(person.organisationKey ?? 0) - 1]
    const id = add('contacts', contactValues(person, organisation), person)
    contacts.set(person.key, id)
    if (organisation) link('contacts', id, 'companies', companies.get(organisation.key))
  }
  const deals = new Map<number, string>()
  for (const deal of world.deals) {
    const id = add('deals', dealValues(deal), deal)
    deals.set(deal.key, id)
    link('deals', id, 'companies', companies.get(deal.organisationKey))
    for (const key of deal.personKeys) link('deals', id, 'contacts', contacts.get(key))
  }
  for (const task of world.tasks) {
    const id = add('tasks', taskValues(task), task)
    link('tasks', id, 'deals', deals.get(task.dealKey))
    link('tasks', id, 'contacts', contacts.get(task.personKey ?? 0))
  }
  for (const note of world.notes) {
    const id = add('notes', noteValues(note), note)
    link('notes', id, 'contacts', contacts.get(note.personKey))
    link('notes', id, 'companies', companies.get(note.organisationKey ?? 0))
  }
  for (const ticket of world.tickets) {
    const id = add('tickets', ticketValues(ticket), ticket)
    link('tickets', id, 'contacts', contacts.get(ticket.personKey))
    link('tickets', id, 'companies', companies.get(ticket.organisationKey ?? 0))
  }
  for (const lead of world.leads) {
    const id = add('leads', leadValues(lead), lead)
    link('leads', id, 'contacts', contacts.get(lead.personKey))
    link('leads', id, 'companies', companies.get(lead.organisationKey ?? 0))
  }
  return store
}
