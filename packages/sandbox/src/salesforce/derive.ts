/**
 * @module
 * Fields that Salesforce computes from others when a record is written: full names, compound addresses, and what the
 * stage says about an opportunity.
 */

import type { AddressValue, Row, Value } from './row.ts'
import type { Entity } from './schema/entity.ts'

const ADDRESS_PARTS = ['street', 'city', 'state', 'postalCode', 'country'] as const

/** Every record of an sObject. */
type RowsOf = (entityName: string) => readonly Row[]

/** The record with its computed fields; `written` holds the fields that the caller set himself. */
export function derive(entity: Entity, row: Row, written: Row, rowsOf: RowsOf): Row {
  const derived: Record<string, Value> = { ...row }
  for (const field of entity.fields) {
    if (field.type === 'address') derived[field.name] = addressOf(row, field.name.replace(/Address$/, ''))
  }
  if ('FirstName' in row && 'LastName' in row) {
    derived['Name'] = [row['FirstName'], row['LastName']].filter((part) => part !== null).join(' ')
  }
  if (entity.name === 'Opportunity') Object.assign(derived, sellingState(derived, written, rowsOf))
  if (entity.name === 'Case') {
    derived['IsClosed'] = row['Status'] === 'Closed'
    derived['ClosedDate'] = derived['IsClosed'] ? (row['ClosedDate'] ?? row['LastModifiedDate'] ?? null) : null
  }
  if (entity.name === 'Case') derived['CaseNumber'] ??= String(1000 + rowsOf('Case').length).padStart(8, '0')
  if (entity.name === 'Task') derived['IsClosed'] = row['Status'] === 'Completed'
  return derived
}

/** Moving to another stage resets probability and forecast, unless the same write sets them. */
function sellingState(row: Row, written: Row, rowsOf: RowsOf): Row {
  const stage = rowsOf('OpportunityStage').find((candidate) => candidate['MasterLabel'] === row['StageName'])
  const moved = 'StageName' in written
  const probability = moved && !('Probability' in written) ? (stage?.['DefaultProbability'] ?? 0) : row['Probability']
  const forecast =
    moved && !('ForecastCategoryName' in written)
      ? (stage?.['ForecastCategoryName'] ?? 'Pipeline')
      : row['ForecastCategoryName']
  const amount = row['Amount']
  return {
    IsClosed: stage?.['IsClosed'] ?? false,
    IsWon: stage?.['IsWon'] ?? false,
    Probability: probability ?? null,
    ForecastCategoryName: forecast ?? null,
    ForecastCategory: forecast ?? null,
    ExpectedRevenue:
      typeof amount === 'number' && typeof probability === 'number' ? (amount * probability) / 100 : null,
  }
}

function addressOf(row: Row, prefix: string): AddressValue | null {
  const address: Record<string, string | null> = {}
  for (const part of ADDRESS_PARTS) {
    const value = row[prefix + part.charAt(0).toUpperCase() + part.slice(1)]
    address[part] = typeof value === 'string' ? value : null
  }
  return Object.values(address).some((value) => value !== null) ? address : null
}
