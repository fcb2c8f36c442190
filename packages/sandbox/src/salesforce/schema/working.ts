/**
 * @module
 * The sObjects Lead, Case, Task and Note.
 */

import { caseSteps } from './case-status.ts'
import type { Entity } from './entity.ts'
import { addressFields, field, ownerField, readOnly, reference, systemFields } from './field.ts'

const WRITABLE = { writable: true, deletable: true, searchable: true, children: [] }

export const lead: Entity = {
  ...WRITABLE,
  name: 'Lead',
  label: 'Lead',
  labelPlural: 'Leads',
  keyPrefix: '00Q',
  fields: [
    ...systemFields,
    field('LastName', 'string', { length: 80, nillable: false }),
    field('FirstName', 'string', { length: 40 }),
    readOnly('Name', 'string', { length: 121, nillable: false, nameField: true, label: 'Full Name' }),
    field('Title', 'string', { length: 128 }),
    field('Company', 'string', { nillable: false }),
    ...addressFields(''),
    field('Phone', 'phone'),
    field('MobilePhone', 'phone'),
    field('Email', 'email', { idLookup: true }),
    field('Website', 'url'),
    field('Description', 'textarea', { length: 32_000 }),
    field('LeadSource', 'picklist', { picklist: ['Web', 'Phone Inquiry', 'Partner Referral', 'Other'] }),
    field('Status', 'picklist', {
      nillable: false,
      defaultedOnCreate: true,
      defaultValue: 'Open - Not Contacted',
      picklist: ['Open - Not Contacted', 'Working - Contacted', 'Closed - Converted', 'Closed - Not Converted'],
    }),
    field('Rating', 'picklist', { picklist: ['Hot', 'Warm', 'Cold'] }),
    ownerField,
    readOnly('IsConverted', 'boolean', { label: 'Converted' }),
    readOnly('ConvertedAccountId', 'reference', converted('Account')),
    readOnly('ConvertedContactId', 'reference', converted('Contact')),
    readOnly('ConvertedOpportunityId', 'reference', converted('Opportunity')),
    field('Segment__c', 'picklist', {
      restrictedPicklist: true,
      picklist: ['Enterprise', 'Small Business'],
      retired: ['Public Sector'],
    }),
    field('Budget_Approved__c', 'boolean'),
    field('Seats__c', 'double', { label: 'Seats wanted' }),
    field('Decision_By__c', 'date'),
    field('Background__c', 'textarea', { length: 32_000 }),
  ],
}

export const supportCase: Entity = {
  ...WRITABLE,
  name: 'Case',
  label: 'Case',
  labelPlural: 'Cases',
  keyPrefix: '500',
  fields: [
    ...systemFields,
    readOnly('CaseNumber', 'string', { length: 30, nillable: false, nameField: true, idLookup: true }),
    reference('ContactId', ['Contact']),
    reference('AccountId', ['Account']),
    field('SuppliedEmail', 'email'),
    field('Type', 'picklist', { picklist: ['Question', 'Problem', 'Feature Request'] }),
    field('Status', 'picklist', {
      defaultedOnCreate: true,
      defaultValue: 'New',
      picklist: caseSteps.map(({ label }) => label),
    }),
    field('Origin', 'picklist', { picklist: ['Phone', 'Email', 'Web'] }),
    field('Subject', 'string'),
    field('Priority', 'picklist', {
      defaultedOnCreate: true,
      defaultValue: 'Medium',
      picklist: ['High', 'Medium', 'Low'],
    }),
    field('Description', 'textarea', { length: 32_000 }),
    readOnly('IsClosed', 'boolean', { label: 'Closed' }),
    readOnly('ClosedDate', 'datetime', { label: 'Closed Date' }),
    ownerField,
  ],
}

export const task: Entity = {
  ...WRITABLE,
  name: 'Task',
  label: 'Task',
  labelPlural: 'Tasks',
  keyPrefix: '00T',
  fields: [
    ...systemFields,
    reference('WhoId', ['Contact', 'Lead']),
    reference('WhatId', ['Account', 'Opportunity', 'Case']),
    field('Subject', 'string', { nameField: true }),
    field('ActivityDate', 'date', { label: 'Due Date Only' }),
    field('Status', 'picklist', {
      nillable: false,
      defaultedOnCreate: true,
      defaultValue: 'Not Started',
      picklist: ['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred'],
    }),
    field('Priority', 'picklist', {
      nillable: false,
      defaultedOnCreate: true,
      defaultValue: 'Normal',
      picklist: ['High', 'Normal', 'Low'],
    }),
    field('Description', 'textarea', { length: 32_000 }),
    field('TaskSubtype', 'picklist', { updateable: false, picklist: ['Task', 'Email', 'Call'] }),
    readOnly('IsClosed', 'boolean', { label: 'Closed' }),
    ownerField,
  ],
}

export const note: Entity = {
  ...WRITABLE,
  name: 'Note',
  label: 'Note',
  labelPlural: 'Notes',
  keyPrefix: '002',
  fields: [
    ...systemFields,
    reference('ParentId', ['Account', 'Contact', 'Opportunity', 'Case', 'Lead'], {
      nillable: false,
      updateable: false,
    }),
    field('Title', 'string', { length: 80, nillable: false, nameField: true }),
    field('IsPrivate', 'boolean'),
    field('Body', 'textarea', { length: 32_000 }),
    ownerField,
  ],
}

function converted(entity: string) {
  return { referenceTo: [entity], relationshipName: `Converted${entity}` }
}
