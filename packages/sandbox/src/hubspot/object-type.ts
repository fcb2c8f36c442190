/**
 * @module
 * The kinds of CRM objects, under every name that HubSpot's paths accept for them.
 */

/** A kind of CRM object, and what HubSpot holds for it. */
export interface ObjectType {
  /** The plural that stands in paths. */
  readonly name: string
  readonly singular: string
  readonly id: string
  readonly readScope: string
  readonly writeScope: string
  /** What comes back when no properties are asked for. */
  readonly defaults: readonly string[]
  /** Name of the property that tells the time of the last change. */
  readonly modified: string
  readonly created: string
  /** Properties that `query` looks into. */
  readonly searched: readonly string[]
  /** A create without these is refused. */
  readonly required: readonly string[]
}

const engagement = ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id'] as const
const ofContacts = { readScope: 'crm.objects.contacts.read', writeScope: 'crm.objects.contacts.write' } as const
const recent = { modified: 'hs_lastmodifieddate', created: 'hs_createdate' } as const

/** Every type that is served. Leads have scopes of their own; tasks and notes use those of contacts. */
export const objectTypes: readonly ObjectType[] = [
  {
    name: 'contacts',
    singular: 'contact',
    id: '0-1',
    ...ofContacts,
    defaults: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
    modified: 'lastmodifieddate',
    created: 'createdate',
    searched: ['firstname', 'lastname', 'email', 'phone', 'hs_additional_emails', 'fax', 'mobilephone', 'company'],
    required: [],
  },
  {
    name: 'companies',
    singular: 'company',
    id: '0-2',
    readScope: 'crm.objects.companies.read',
    writeScope: 'crm.objects.companies.write',
    defaults: ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
    modified: 'hs_lastmodifieddate',
    created: 'createdate',
    searched: ['website', 'phone', 'name', 'domain'],
    required: [],
  },
  {
    name: 'deals',
    singular: 'deal',
    id: '0-3',
    readScope: 'crm.objects.deals.read',
    writeScope: 'crm.objects.deals.write',
    defaults: [
      'amount',
      'closedate',
      'createdate',
      'dealname',
      'dealstage',
      'hs_lastmodifieddate',
      'hs_object_id',
      'pipeline',
    ],
    modified: 'hs_lastmodifieddate',
    created: 'createdate',
    searched: ['dealname', 'pipeline', 'dealstage', 'description', 'dealtype'],
    required: ['dealname', 'dealstage'],
  },
  {
    name: 'tickets',
    singular: 'ticket',
    id: '0-5',
    readScope: 'tickets',
    writeScope: 'tickets',
    defaults: [
      'content',
      'createdate',
      'hs_lastmodifieddate',
      'hs_object_id',
      'hs_pipeline',
      'hs_pipeline_stage',
      'hs_ticket_category',
      'hs_ticket_priority',
      'subject',
    ],
    modified: 'hs_lastmodifieddate',
    created: 'createdate',
    searched: ['subject', 'content', 'hs_pipeline_stage', 'hs_ticket_category'],
    required: ['subject', 'hs_pipeline_stage'],
  },
  {
    name: 'tasks',
    singular: 'task',
    id: '0-27',
    ...ofContacts,
    ...recent,
    defaults: engagement,
    searched: ['hs_task_subject', 'hs_task_body'],
    required: ['hs_timestamp'],
  },
  {
    name: 'notes',
    singular: 'note',
    id: '0-46',
    ...ofContacts,
    ...recent,
    defaults: engagement,
    searched: ['hs_note_body'],
    required: ['hs_timestamp'],
  },
  {
    name: 'leads',
    singular: 'lead',
    id: '0-136',
    readScope: 'crm.objects.leads.read',
    writeScope: 'crm.objects.leads.write',
    ...recent,
    defaults: engagement,
    searched: ['hs_lead_name'],
    required: ['hs_lead_name'],
  },
]

/** Finds a type by plural, singular or type id, in any case; `undefined` when HubSpot would not know it. */
export function findObjectType(text: string): ObjectType | undefined {
  const name = text.toLowerCase()
  return objectTypes.find((type) => type.name === name || type.singular === name || type.id === name)
}
