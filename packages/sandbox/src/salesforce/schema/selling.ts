/**
 * @module
 * The sObjects Opportunity, OpportunityStage and OpportunityContactRole.
 */
import type { Entity } from './entity.ts'
import { field, ownerField, readOnly, reference, systemFields } from './field.ts'
import { externalIdField } from './people.ts'

const FORECAST_CATEGORIES = ['Omitted', 'Pipeline', 'Best Case', 'Commit', 'Closed']

export function opportunity(stages: readonly string[], renewalRisks: readonly string[]): Entity {
  return {
    name: 'Opportunity',
    label: 'Opportunity',
    labelPlural: 'Opportunities',
    keyPrefix: '006',
    writable: true,
    deletable: true,
    searchable: true,
    fields: [
      ...systemFields,
      reference('AccountId', ['Account']),
      field('Name', 'string', { length: 120, nillable: false, nameField: true, label: 'Name' }),
      field('Description', 'textarea', { length: 32_000 }),
      field('StageName', 'picklist', { nillable: false, picklist: stages, label: 'Stage' }),
      field('Amount', 'currency'),
      field('Probability', 'percent', { defaultedOnCreate: true, label: 'Probability (%)' }),
      readOnly('ExpectedRevenue', 'currency', { calculated: false, label: 'Expected Amount' }),
      field('CloseDate', 'date', { nillable: false }),
      field('Type', 'picklist', { picklist: ['New Business', 'Existing Business'] }),
      field('NextStep', 'string'),
      field('LeadSource', 'picklist', { picklist: ['Web', 'Phone Inquiry', 'Partner Referral', 'Other'] }),
      readOnly('IsClosed', 'boolean', { label: 'Closed' }),
      readOnly('IsWon', 'boolean', { label: 'Won' }),
      readOnly('ForecastCategory', 'picklist', { nillable: false, picklist: FORECAST_CATEGORIES }),
      field('ForecastCategoryName', 'picklist', { defaultedOnCreate: true, picklist: FORECAST_CATEGORIES }),
      ownerField,
      externalIdField,
      field('Renewal_Risk__c', 'picklist', { restrictedPicklist: true, picklist: renewalRisks }),
    ],
    children: [
      {
        relationshipName: 'OpportunityContactRoles',
        childSObject: 'OpportunityContactRole',
        field: 'OpportunityId',
        cascadeDelete: true,
      },
      { relationshipName: 'Tasks', childSObject: 'Task', field: 'WhatId', cascadeDelete: true },
    ],
  }
}

export const opportunityStage: Entity = {
  name: 'OpportunityStage',
  label: 'Opportunity Stage',
  labelPlural: 'Opportunity Stage',
  keyPrefix: '01J',
  writable: false,
  deletable: false,
  searchable: false,
  fields: [
    ...systemFields.filter((candidate) => candidate.name !== 'IsDeleted'),
    readOnly('MasterLabel', 'string', { nillable: false }),
    readOnly('ApiName', 'string', { nillable: false }),
    readOnly('IsActive', 'boolean'),
    readOnly('SortOrder', 'int'),
    readOnly('IsClosed', 'boolean', { label: 'Closed' }),
    readOnly('IsWon', 'boolean', { label: 'Won' }),
    readOnly('ForecastCategory', 'picklist', { nillable: false, picklist: FORECAST_CATEGORIES }),
    readOnly('ForecastCategoryName', 'picklist', { nillable: false, picklist: FORECAST_CATEGORIES }),
    readOnly('DefaultProbability', 'percent', { label: 'Probability (%)' }),
    readOnly('Description', 'string'),
  ],
  children: [],
}

export const opportunityContactRole: Entity = {
  name: 'OpportunityContactRole',
  label: 'Opportunity Contact Role',
  labelPlural: 'Opportunity Contact Role',
  keyPrefix: '00K',
  writable: true,
  deletable: true,
  searchable: false,
  fields: [
    ...systemFields,
    reference('OpportunityId', ['Opportunity'], { nillable: false, updateable: false }),
    reference('ContactId', ['Contact'], { nillable: false }),
    field('Role', 'picklist', { length: 40, picklist: ['Decision Maker', 'Evaluator', 'Economic Buyer', 'Other'] }),
    field('IsPrimary', 'boolean', { label: 'Primary' }),
  ],
  children: [],
}
