/**
 * @module
 * The sObject CaseStatus: the steps of a case, in order, and which of them close it.
 */
import type { Entity } from './entity.ts'
import { readOnly, systemFields } from './field.ts'

export interface CaseStep {
  readonly label: string
  readonly closed: boolean
}

/** The steps of a new org. */
export const caseSteps: readonly CaseStep[] = [
  { label: 'New', closed: false },
  { label: 'Working', closed: false },
  { label: 'Escalated', closed: false },
  { label: 'Closed', closed: true },
]

export const caseStatus: Entity = {
  name: 'CaseStatus',
  label: 'Case Status Value',
  labelPlural: 'Case Status Value',
  keyPrefix: '01J',
  writable: false,
  deletable: false,
  searchable: false,
  fields: [
    ...systemFields.filter((candidate) => candidate.name !== 'IsDeleted'),
    readOnly('MasterLabel', 'string', { nillable: false }),
    readOnly('ApiName', 'string', { nillable: false }),
    readOnly('SortOrder', 'int'),
    readOnly('IsDefault', 'boolean', { label: 'Default' }),
    readOnly('IsClosed', 'boolean', { label: 'Closed' }),
  ],
  children: [],
}
