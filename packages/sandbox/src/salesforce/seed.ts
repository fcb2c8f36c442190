/**
 * @module
 * Renders the demo company as Salesforce records. Ids follow from the tenant and the world's keys, so two runs agree.
 */
import type { Colleague, Organisation, Person, World, WorldStage } from '../world/world.ts'
import { formatDatetime } from './moment.ts'
import { instanceOf, mintRecordId, organizationId, userId } from './record-id.ts'
import type { Row } from './row.ts'
import { caseSteps } from './schema/case-status.ts'
import { findEntity } from './schema/entity.ts'
import { schemaOf } from './schema/schema.ts'
import { caseFields, leadFields, noteFields, taskFields } from './seed-activities.ts'
import { openStore, type Store } from './store.ts'

/** One tenant's org. */
export interface Org {
  readonly tenant: string
  readonly organizationId: string
  /** The user whose session every token is. */
  readonly runningUserId: string
  readonly store: Store
}

export function seed(world: World): Org {
  const instance = instanceOf(world.tenant)
  const store = openStore(schemaOf(world), instance)
  const runningUserId = userId(world.tenant, runningColleague(world)?.key ?? 1)
  const id = (prefix: string, key: number): string => mintRecordId(prefix, instance, key)
  const add = (entityName: string, values: Row): void => {
    const entity = findEntity(store.schema, entityName)
    if (entity === undefined) throw new RangeError(`Cannot seed ${entityName}: the schema has no such sObject`)
    store.insert(entity, values, { userId: runningUserId, now: Date.UTC(2024, 0, 1) })
  }

  for (const colleague of world.colleagues) {
    add('User', {
      Id: userId(world.tenant, colleague.key),
      FirstName: colleague.firstName,
      LastName: colleague.lastName,
      Email: colleague.email,
      Username: colleague.email,
      Alias: colleague.lastName.slice(0, 8).toLowerCase(),
      IsActive: colleague.active,
      TimeZoneSidKey: 'GMT',
      UserType: 'Standard',
    })
  }
  world.stages.forEach((stage, position) => {
    add('OpportunityStage', { Id: id('01J', stage.key), SortOrder: position + 1, ...stageFields(stage) })
  })
  for (const organisation of world.organisations) {
    add('Account', {
      Id: id('001', organisation.key),
      OwnerId: userId(world.tenant, organisation.ownerKey),
      ...accountFields(organisation),
    })
  }
  for (const person of world.people) {
    add('Contact', {
      Id: id('003', person.key),
      AccountId: person.organisationKey === null ? null : id('001', person.organisationKey),
      OwnerId: userId(world.tenant, person.ownerKey),
      ...contactFields(person),
    })
  }
  const stageLabels = new Map(world.stages.map((stage) => [stage.key, stage.label]))
  let roles = 0
  for (const deal of world.deals) {
    const opportunityId = id('006', deal.key)
    add('Opportunity', {
      Id: opportunityId,
      Name: deal.name,
      Amount: deal.amount,
      StageName: stageLabels.get(deal.stageKey) ?? null,
      CloseDate: deal.closeDate ?? deal.createdAt.slice(0, 10),
      AccountId: id('001', deal.organisationKey),
      OwnerId: userId(world.tenant, deal.ownerKey),
      NextStep: deal.nextStep,
      Description: deal.notes,
      Renewal_Risk__c: deal.renewalRisk,
      ...stamps(deal),
    })
    deal.personKeys.forEach((personKey, position) => {
      roles += 1
      add('OpportunityContactRole', {
        Id: id('00K', roles),
        OpportunityId: opportunityId,
        ContactId: id('003', personKey),
        IsPrimary: position === 0,
        Role: position === 0 ? 'Decision Maker' : null,
        ...stamps(deal),
      })
    })
  }
  caseSteps.forEach(({ label, closed }, position) => {
    const step = {
      MasterLabel: label,
      ApiName: label,
      SortOrder: position + 1,
      IsDefault: position === 0,
      IsClosed: closed,
    }
    add('CaseStatus', { Id: id('01J', 101 + position), ...step })
  })
  addActivities(world, add, id)
  return { tenant: world.tenant, organizationId: organizationId(world.tenant), runningUserId, store }
}

function addActivities(
  world: World,
  add: (entityName: string, values: Row) => void,
  id: (prefix: string, key: number) => string,
): void {
  const idOf = (prefix: string, key: number | null) => (key === null ? null : id(prefix, key))
  const common = (
    prefix: string,
    one: { readonly key: number; readonly ownerKey: number } & Parameters<typeof stamps>[0],
  ) => ({
    Id: id(prefix, one.key),
    OwnerId: userId(world.tenant, one.ownerKey),
    ...stamps(one),
  })
  for (const one of world.tickets) {
    const about = { ContactId: id('003', one.personKey), AccountId: idOf('001', one.organisationKey) }
    add('Case', { ...common('500', one), ...about, ...caseFields(one) })
  }
  for (const one of world.leads) add('Lead', { ...common('00Q', one), ...leadFields(one) })
  for (const one of world.tasks) {
    const about = { WhatId: id('006', one.dealKey), WhoId: idOf('003', one.personKey) }
    add('Task', { ...common('00T', one), ...about, ...taskFields(one) })
  }
  for (const one of world.notes)
    add('Note', { ...common('002', one), ParentId: id('003', one.personKey), ...noteFields(one) })
}

/** The first active colleague: the integration user, who consents and whose sessions all tokens are. */
export function runningColleague(world: World): Colleague | undefined {
  return world.colleagues.find((colleague) => colleague.active)
}

function stageFields(stage: WorldStage): Row {
  const forecast = stage.closed ? (stage.won ? 'Closed' : 'Omitted') : 'Pipeline'
  return {
    MasterLabel: stage.label,
    ApiName: stage.label,
    IsActive: true,
    IsClosed: stage.closed,
    IsWon: stage.won,
    DefaultProbability: Math.round(stage.probability * 100),
    ForecastCategory: forecast,
    ForecastCategoryName: forecast,
  }
}

function accountFields(organisation: Organisation): Row {
  return {
    Name: organisation.name,
    Website: organisation.domain,
    Industry: organisation.industry,
    NumberOfEmployees: organisation.employees,
    AnnualRevenue: organisation.annualRevenue,
    Phone: organisation.phone,
    Description: organisation.description,
    ...address('Billing', organisation),
    ...stamps(organisation),
  }
}

function contactFields(person: Person): Row {
  return {
    FirstName: person.firstName,
    LastName: person.lastName,
    Email: person.email,
    Phone: person.phone,
    MobilePhone: person.mobile,
    Title: person.title,
    Birthdate: person.birthDate,
    LeadSource: person.leadSource,
    Description: person.notes,
    Favourite_Colour__c: person.favouriteColour,
    Assistant_Email__c: person.assistantEmail,
    ...address('Mailing', person),
    ...stamps(person),
  }
}

function address(prefix: string, at: Organisation | Person): Row {
  return {
    [`${prefix}Street`]: at.street,
    [`${prefix}City`]: at.city,
    [`${prefix}State`]: at.state,
    [`${prefix}PostalCode`]: at.postalCode,
    [`${prefix}Country`]: at.country,
  }
}

function stamps(at: { readonly createdAt: string; readonly updatedAt: string }): Row {
  const modified = formatDatetime(Date.parse(at.updatedAt))
  return { CreatedDate: formatDatetime(Date.parse(at.createdAt)), LastModifiedDate: modified, SystemModstamp: modified }
}
