/**
 * @module
 * The sObjects Contact, Account and User, with the fields that a standard org has and those that only this tenant has.
 */
import type { Entity } from './entity.ts'
import { addressFields, field, ownerField, readOnly, reference, systemFields } from './field.ts'

const LEAD_SOURCES = ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other']
const SALUTATIONS = ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.', 'Mx.']

/** A deterministic key of the integrating system, which upsert may address records by. */
export const externalIdField = field('External_Id__c', 'string', {
  length: 64,
  externalId: true,
  unique: true,
  idLookup: true,
  label: 'External Id',
})

export function contact(leadSources: readonly string[], colours: readonly string[]): Entity {
  return {
    name: 'Contact',
    label: 'Contact',
    labelPlural: 'Contacts',
    keyPrefix: '003',
    writable: true,
    deletable: true,
    searchable: true,
    fields: [
      ...systemFields,
      reference('AccountId', ['Account']),
      field('LastName', 'string', { length: 80, nillable: false }),
      field('FirstName', 'string', { length: 40 }),
      field('Salutation', 'picklist', { length: 40, picklist: SALUTATIONS }),
      readOnly('Name', 'string', { length: 121, nillable: false, nameField: true, label: 'Full Name' }),
      ...addressFields('Other'),
      ...addressFields('Mailing'),
      field('Phone', 'phone'),
      field('Fax', 'phone'),
      field('MobilePhone', 'phone'),
      field('HomePhone', 'phone'),
      field('OtherPhone', 'phone'),
      field('AssistantPhone', 'phone'),
      field('AssistantName', 'string', { length: 40 }),
      reference('ReportsToId', ['Contact']),
      field('Email', 'email', { idLookup: true }),
      field('Title', 'string', { length: 128 }),
      field('Department', 'string', { length: 80 }),
      field('LeadSource', 'picklist', { picklist: [...new Set([...LEAD_SOURCES, ...leadSources])] }),
      field('Birthdate', 'date'),
      field('Description', 'textarea', { length: 32_000 }),
      ownerField,
      field('HasOptedOutOfEmail', 'boolean', { label: 'Email Opt Out' }),
      field('DoNotCall', 'boolean'),
      externalIdField,
      field('Favourite_Colour__c', 'picklist', {
        picklist: colours,
        inlineHelpText: 'The colour we wrap their gifts in.',
      }),
      field('Assistant_Email__c', 'email', { inlineHelpText: "The assistant's own address." }),
    ],
    children: [
      { relationshipName: 'Cases', childSObject: 'Case', field: 'ContactId', cascadeDelete: false },
      { relationshipName: 'Tasks', childSObject: 'Task', field: 'WhoId', cascadeDelete: true },
      {
        relationshipName: 'OpportunityContactRoles',
        childSObject: 'OpportunityContactRole',
        field: 'ContactId',
        cascadeDelete: true,
      },
    ],
  }
}

export function account(industries: readonly string[]): Entity {
  return {
    name: 'Account',
    label: 'Account',
    labelPlural: 'Accounts',
    keyPrefix: '001',
    writable: true,
    deletable: true,
    searchable: true,
    fields: [
      ...systemFields,
      field('Name', 'string', { nillable: false, nameField: true, label: 'Account Name' }),
      field('Type', 'picklist', { picklist: ['Prospect', 'Customer - Direct', 'Partner', 'Other'] }),
      reference('ParentId', ['Account']),
      ...addressFields('Billing'),
      ...addressFields('Shipping'),
      field('Phone', 'phone'),
      field('Fax', 'phone'),
      field('AccountNumber', 'string', { length: 40 }),
      field('Website', 'url'),
      field('Industry', 'picklist', { picklist: [...new Set([...industries, 'Other'])] }),
      field('AnnualRevenue', 'currency', { scale: 0 }),
      field('NumberOfEmployees', 'int'),
      field('Ownership', 'picklist', { picklist: ['Public', 'Private', 'Subsidiary', 'Other'] }),
      field('TickerSymbol', 'string', { length: 20 }),
      field('Description', 'textarea', { length: 32_000 }),
      ownerField,
      externalIdField,
    ],
    children: [
      { relationshipName: 'Contacts', childSObject: 'Contact', field: 'AccountId', cascadeDelete: true },
      { relationshipName: 'Opportunities', childSObject: 'Opportunity', field: 'AccountId', cascadeDelete: true },
      { relationshipName: 'Cases', childSObject: 'Case', field: 'AccountId', cascadeDelete: false },
    ],
  }
}

export const user: Entity = {
  name: 'User',
  label: 'User',
  labelPlural: 'Users',
  keyPrefix: '005',
  writable: false,
  deletable: false,
  searchable: true,
  fields: [
    ...systemFields.filter((candidate) => candidate.name !== 'IsDeleted'),
    readOnly('Username', 'string', { length: 80, nillable: false, idLookup: true }),
    readOnly('LastName', 'string', { length: 80, nillable: false }),
    readOnly('FirstName', 'string', { length: 40 }),
    readOnly('Name', 'string', { length: 121, nillable: false, nameField: true, label: 'Full Name' }),
    readOnly('Title', 'string', { length: 80 }),
    readOnly('Email', 'email', { length: 128, nillable: false, idLookup: true }),
    readOnly('Alias', 'string', { length: 8, nillable: false }),
    readOnly('IsActive', 'boolean'),
    readOnly('TimeZoneSidKey', 'picklist', { length: 40, nillable: false, restrictedPicklist: true }),
    readOnly('UserType', 'picklist', { length: 40, picklist: ['Standard'] }),
  ],
  children: [],
}
