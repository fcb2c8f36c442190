/**
 * @module
 * The facts of the demo company in HubSpot's property names and option values.
 */
import type { Deal, Organisation, Person, World } from '../world/world.ts'
import { industryValues } from './business-properties.ts'
import { analyticsSources, leadStatuses, lifecycleStages } from './person-properties.ts'
import type { Owner, Pipeline } from './store.ts'

/** HubSpot's ids for the stages of a new portal's sales pipeline, in the order of the world's stages. */
const stageIds = [
  'appointmentscheduled',
  'qualifiedtobuy',
  'presentationscheduled',
  'decisionmakerboughtin',
  'contractsent',
  'closedwon',
  'closedlost',
] as const

/** Nothing is stored for null, undefined and the empty text. */
export type Values = { readonly [name: string]: string | number | null | undefined }

/** A person as a contact. */
export function contactValues(person: Person, organisation: Organisation | undefined): Values {
  return {
    email: person.email,
    hs_additional_emails: person.otherEmails.join(';'),
    firstname: person.firstName,
    lastname: person.lastName,
    phone: person.phone,
    mobilephone: person.mobile,
    jobtitle: person.title,
    company: organisation?.name,
    address: person.street,
    city: person.city,
    state: person.state,
    zip: person.postalCode,
    country: person.country,
    date_of_birth: person.birthDate,
    lifecyclestage: lifecycleStages[person.key % lifecycleStages.length],
    hs_lead_status: person.key % 3 === 0 ? leadStatuses[person.key % leadStatuses.length] : null,
    hs_analytics_source: person.leadSource && analyticsSources[person.leadSource],
    hubspot_owner_id: ownerId(person.ownerKey),
    notes_last_updated: person.notes && person.updatedAt,
    favourite_colour: person.favouriteColour,
    assistant_email: person.assistantEmail,
    background_notes: person.notes,
    badge_number: person.key % 10 === 0 ? `B-${String(person.key).padStart(5, '0')}` : null,
  }
}

/** An organisation as a company. */
export function companyValues(organisation: Organisation): Values {
  return {
    name: organisation.name,
    domain: organisation.domain,
    website: organisation.domain && `https://${organisation.domain}`,
    industry: organisation.industry && industryValues[organisation.industry],
    type: organisation.key % 4 === 0 ? 'PARTNER' : 'PROSPECT',
    description: organisation.description,
    numberofemployees: organisation.employees,
    annualrevenue: organisation.annualRevenue,
    phone: organisation.phone,
    address: organisation.street,
    city: organisation.city,
    state: organisation.state,
    zip: organisation.postalCode,
    country: organisation.country,
    hubspot_owner_id: ownerId(organisation.ownerKey),
  }
}

/** A deal in the sales pipeline. */
export function dealValues(deal: Deal): Values {
  return {
    dealname: deal.name,
    amount: deal.amount,
    deal_currency_code: 'EUR',
    pipeline: 'default',
    dealstage: stageIds[deal.stageKey - 1],
    closedate: deal.closeDate && new Date(deal.closeDate).toISOString(),
    dealtype: deal.key % 3 === 0 ? 'existingbusiness' : 'newbusiness',
    description: deal.notes,
    hs_next_step: deal.nextStep,
    hubspot_owner_id: ownerId(deal.ownerKey),
    renewal_risk: deal.renewalRisk,
  }
}

/** Owner ids follow from the keys of colleagues. */
export function ownerId(key: number): number {
  return 7000 + key
}

/** A colleague as an owner; those who left are archived. */
export function ownerOf({ key, email, firstName, lastName, active }: World['colleagues'][number]): Owner {
  return { id: String(ownerId(key)), userId: 9000 + key, email, firstName, lastName, archived: !active }
}

/** The default pipeline of deals. */
export function salesPipeline(world: World): Pipeline {
  const stages = world.stages.map(({ key, label, probability, closed }) => ({
    id: stageIds[key - 1] ?? `stage${key}`,
    label,
    metadata: { isClosed: String(closed), probability: probability.toFixed(1) },
  }))
  return { objectType: 'deals', id: 'default', label: 'Sales Pipeline', stages }
}

/** The default pipeline of tickets. */
export const supportPipeline: Pipeline = {
  objectType: 'tickets',
  id: '0',
  label: 'Support Pipeline',
  stages: ['New', 'Waiting on contact', 'Waiting on us', 'Closed'].map((label, index) => {
    const closed = label === 'Closed'
    return {
      id: String(index + 1),
      label,
      metadata: { ticketState: closed ? 'CLOSED' : 'OPEN', isClosed: String(closed) },
    }
  }),
}
