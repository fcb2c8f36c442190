/**
 * @module
 * Which properties contacts and leads have.
 */
import { optionsOf, type PropertyDefinition, property } from './property.ts'

/** Values of `lifecyclestage`. */
export const lifecycleStages: readonly [string, ...string[]] = [
  'lead',
  'subscriber',
  'opportunity',
  'customer',
  'other',
]
/** Values of `hs_lead_status`. */
export const leadStatuses: readonly [string, ...string[]] = ['NEW', 'OPEN', 'IN_PROGRESS', 'CONNECTED', 'UNQUALIFIED']

/** Our names of lead sources, in HubSpot's own words. */
export const analyticsSources: { readonly [leadSource: string]: string } = {
  Web: 'ORGANIC_SEARCH',
  'Phone Inquiry': 'OFFLINE',
  'Partner Referral': 'REFERRALS',
  'Purchased List': 'PAID_SEARCH',
  Other: 'OTHER_CAMPAIGNS',
}

const readOnly = { readOnly: true }
const custom = { hubspotDefined: false }

/** Properties of contacts, with four custom ones. */
export const contactProperties: readonly PropertyDefinition[] = [
  property('contact', 'email', 'Email', 'string', { unique: true }),
  property('contact', 'firstname', 'First Name', 'string'),
  property('contact', 'lastname', 'Last Name', 'string'),
  property('contact', 'phone', 'Phone Number', 'phone_number'),
  property('contact', 'mobilephone', 'Mobile Phone Number', 'phone_number'),
  property('contact', 'fax', 'Fax Number', 'string'),
  property('contact', 'jobtitle', 'Job Title', 'string'),
  property('contact', 'company', 'Company Name', 'string'),
  property('contact', 'website', 'Website URL', 'string'),
  property('contact', 'address', 'Street Address', 'string'),
  property('contact', 'city', 'City', 'string'),
  property('contact', 'state', 'State/Region', 'string'),
  property('contact', 'zip', 'Postal Code', 'string'),
  property('contact', 'country', 'Country/Region', 'string'),
  property('contact', 'date_of_birth', 'Date of birth', 'string'),
  property('contact', 'lifecyclestage', 'Lifecycle Stage', 'enumeration', { options: optionsOf(...lifecycleStages) }),
  property('contact', 'hs_lead_status', 'Lead Status', 'enumeration', { options: optionsOf(...leadStatuses) }),
  property('contact', 'hs_analytics_source', 'Original Source', 'enumeration', {
    options: optionsOf(...Object.values(analyticsSources)),
    ...readOnly,
  }),
  property('contact', 'hs_additional_emails', 'Additional email addresses', 'string'),
  property('contact', 'hs_email_optout', 'Unsubscribed from all email', 'bool', readOnly),
  property('contact', 'hubspot_owner_id', 'Contact owner', 'owner'),
  property('contact', 'associatedcompanyid', 'Primary Associated Company ID', 'number', readOnly),
  property('contact', 'notes_last_updated', 'Last Activity Date', 'datetime', readOnly),
  property('contact', 'createdate', 'Create Date', 'datetime', readOnly),
  property('contact', 'lastmodifieddate', 'Last Modified Date', 'datetime', readOnly),
  property('contact', 'hs_object_id', 'Record ID', 'number', readOnly),
  property('contact', 'hs_calculated_phone_number', 'Calculated Phone Number', 'string', {
    calculated: true,
    hidden: true,
  }),
  property('contact', 'favourite_colour', 'Favourite colour', 'string', custom),
  property('contact', 'assistant_email', "Assistant's e-mail", 'string', custom),
  property('contact', 'background_notes', 'Background notes', 'text', custom),
  property('contact', 'badge_number', 'Badge number', 'string', { ...custom, unique: true }),
]

/** Properties of leads, without the time stamps. */
export const leadProperties: readonly PropertyDefinition[] = [
  property('lead', 'hs_lead_name', 'Lead Name', 'string'),
  property('lead', 'hs_lead_label', 'Lead Label', 'enumeration', { options: optionsOf('HOT', 'WARM', 'COLD') }),
  property('lead', 'hs_lead_type', 'Lead Type', 'enumeration', { options: optionsOf('NEW_BUSINESS', 'UPSELL') }),
  property('lead', 'hs_pipeline', 'Pipeline', 'string'),
  property('lead', 'hs_pipeline_stage', 'Lead Stage', 'string'),
  property('lead', 'hubspot_owner_id', 'Lead owner', 'owner'),
]
