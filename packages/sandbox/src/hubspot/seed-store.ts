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
import {
  companyValues,
  contactValues,
  dealValues,
  ownerId,
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
  for (const person of world.people) {
    const contact = contacts.get(person.key)
    const owner = String(ownerId(person.ownerKey))
    const name = [person.firstName, person.lastName].filter(Boolean).join(' ')
    if (person.notes) {
      const body = { hs_note_body: person.notes, hs_timestamp: person.updatedAt, hubspot_owner_id: owner }
      link('notes', add('notes', body, person), 'contacts', contact)
    }
    if (person.key % 18 === 0) {
      const ticket = {
        subject: `Question from ${name}`,
        content: person.notes,
        hs_pipeline: '0',
        hs_pipeline_stage: String(1 + (person.key % 4)),
        hs_ticket_priority: 'MEDIUM',
        hubspot_owner_id: owner,
      }
      link('tickets', add('tickets', ticket, person), 'contacts', contact)
    }
    if (person.key % 25 === 0) {
      const lead = { hs_lead_name: `${name} – inbound`, hs_lead_label: 'WARM', hubspot_owner_id: owner }
      link('leads', add('leads', lead, person), 'contacts', contact)
    }
  }
  for (const deal of world.deals) {
    const id = add('deals', dealValues(deal), deal)
    link('deals', id, 'companies', companies.get(deal.organisationKey))
    for (const key of deal.personKeys) link('deals', id, 'contacts', contacts.get(key))
    if (deal.nextStep) {
      const task = {
        hs_task_subject: deal.nextStep,
        hs_task_status: 'NOT_STARTED',
        hs_timestamp: deal.updatedAt,
        hs_task_type: 'TODO',
      }
      link('tasks', add('tasks', task, deal), 'deals', id)
    }
  }
  return store
}
