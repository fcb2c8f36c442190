/**
 * @module
 * Which properties companies, deals, tickets, tasks and notes have.
 */
import { optionsOf, type PropertyDefinition, property } from './property.ts'

/** Our names of industries, in HubSpot's own words. */
export const industryValues: { readonly [industry: string]: string } = {
  Biotechnology: 'BIOTECHNOLOGY',
  Construction: 'CONSTRUCTION',
  Consulting: 'MANAGEMENT_CONSULTING',
  Education: 'EDUCATION_MANAGEMENT',
  Energy: 'OIL_ENERGY',
  Finance: 'FINANCIAL_SERVICES',
  Hospitality: 'HOSPITALITY',
  Insurance: 'INSURANCE',
  Media: 'ONLINE_MEDIA',
  Retail: 'RETAIL',
  Technology: 'INFORMATION_TECHNOLOGY_AND_SERVICES',
  Transportation: 'TRANSPORTATION_TRUCKING_RAILROAD',
}

const readOnly = { readOnly: true }
const custom = { hubspotDefined: false }

const stamps = (group: string, created: string): PropertyDefinition[] => [
  property(group, created, 'Create date', 'datetime', readOnly),
  property(group, 'hs_lastmodifieddate', 'Last modified date', 'datetime', readOnly),
  property(group, 'hs_object_id', 'Record ID', 'number', readOnly),
]

/** Properties of companies. */
export const companyProperties: readonly PropertyDefinition[] = [
  property('company', 'name', 'Company name', 'string'),
  property('company', 'domain', 'Company Domain Name', 'string'),
  property('company', 'website', 'Website URL', 'string'),
  property('company', 'industry', 'Industry', 'enumeration', { options: optionsOf(...Object.values(industryValues)) }),
  property('company', 'type', 'Type', 'enumeration', {
    options: optionsOf('PROSPECT', 'PARTNER', 'RESELLER', 'VENDOR'),
  }),
  property('company', 'description', 'Description', 'text'),
  property('company', 'numberofemployees', 'Number of Employees', 'number'),
  property('company', 'annualrevenue', 'Annual Revenue', 'number'),
  property('company', 'phone', 'Phone Number', 'phone_number'),
  property('company', 'address', 'Street Address', 'string'),
  property('company', 'address2', 'Street Address 2', 'string'),
  property('company', 'city', 'City', 'string'),
  property('company', 'state', 'State/Region', 'string'),
  property('company', 'zip', 'Postal Code', 'string'),
  property('company', 'country', 'Country/Region', 'string'),
  property('company', 'hs_parent_company_id', 'Parent Company', 'number'),
  property('company', 'hubspot_owner_id', 'Company owner', 'owner'),
  ...stamps('company', 'createdate'),
]

/** Properties of deals, with a custom one. */
export const dealProperties: readonly PropertyDefinition[] = [
  property('deal', 'dealname', 'Deal Name', 'string'),
  property('deal', 'amount', 'Amount', 'number'),
  property('deal', 'amount_in_home_currency', 'Amount in company currency', 'number', { calculated: true }),
  property('deal', 'deal_currency_code', 'Currency', 'enumeration', {
    options: ['EUR', 'USD'].map((value) => ({ label: value, value })),
  }),
  property('deal', 'pipeline', 'Pipeline', 'string'),
  property('deal', 'dealstage', 'Deal Stage', 'string'),
  property('deal', 'closedate', 'Close Date', 'datetime'),
  property('deal', 'dealtype', 'Deal Type', 'enumeration', { options: optionsOf('newbusiness', 'existingbusiness') }),
  property('deal', 'description', 'Deal Description', 'text'),
  property('deal', 'hs_next_step', 'Next step', 'string'),
  property('deal', 'hubspot_owner_id', 'Deal owner', 'owner'),
  property('deal', 'hs_is_closed', 'Is Deal Closed?', 'bool', { calculated: true }),
  property('deal', 'hs_is_closed_won', 'Is Closed Won', 'bool', { calculated: true }),
  property('deal', 'hs_deal_stage_probability', 'Deal probability', 'number', { calculated: true }),
  property('deal', 'hs_analytics_source', 'Original Source Type', 'string', readOnly),
  property('deal', 'renewal_risk', 'Renewal risk', 'enumeration', {
    ...custom,
    options: optionsOf('low', 'medium', 'high'),
  }),
  ...stamps('deal', 'createdate'),
]

/** Properties of tickets. */
export const ticketProperties: readonly PropertyDefinition[] = [
  property('ticket', 'subject', 'Ticket name', 'string'),
  property('ticket', 'content', 'Ticket description', 'text'),
  property('ticket', 'hs_pipeline', 'Pipeline', 'string'),
  property('ticket', 'hs_pipeline_stage', 'Ticket status', 'string'),
  property('ticket', 'hs_ticket_priority', 'Priority', 'enumeration', {
    options: optionsOf('LOW', 'MEDIUM', 'HIGH', 'URGENT'),
  }),
  property('ticket', 'hs_ticket_category', 'Category', 'string'),
  property('ticket', 'source_type', 'Source', 'enumeration', {
    options: optionsOf('CHAT', 'EMAIL', 'FORM', 'PHONE'),
  }),
  property('ticket', 'closed_date', 'Close date', 'datetime', { calculated: true }),
  property('ticket', 'hubspot_owner_id', 'Ticket owner', 'owner'),
  ...stamps('ticket', 'createdate'),
]

/** Properties of tasks. */
export const taskProperties: readonly PropertyDefinition[] = [
  property('task', 'hs_timestamp', 'Due date', 'datetime'),
  property('task', 'hs_task_subject', 'Task Title', 'string'),
  property('task', 'hs_task_body', 'Task Notes', 'text'),
  property('task', 'hs_task_status', 'Task Status', 'enumeration', {
    options: optionsOf('NOT_STARTED', 'IN_PROGRESS', 'WAITING', 'DEFERRED', 'COMPLETED'),
  }),
  property('task', 'hs_task_priority', 'Priority', 'enumeration', { options: optionsOf('LOW', 'MEDIUM', 'HIGH') }),
  property('task', 'hs_task_type', 'Task Type', 'enumeration', { options: optionsOf('TODO', 'CALL', 'EMAIL') }),
  property('task', 'hubspot_owner_id', 'Activity assigned to', 'owner'),
  ...stamps('task', 'hs_createdate'),
]

/** Properties of notes. */
export const noteProperties: readonly PropertyDefinition[] = [
  property('note', 'hs_timestamp', 'Activity date', 'datetime'),
  property('note', 'hs_note_body', 'Note body', 'text'),
  property('note', 'hubspot_owner_id', 'Activity assigned to', 'owner'),
  ...stamps('note', 'hs_createdate'),
]

/** What leads have besides their own properties. */
export const leadStamps: readonly PropertyDefinition[] = stamps('lead', 'hs_createdate')
