/**
 * @module
 * The standard duplicate rule for contacts: one with the same e-mail address is refused, unless the caller says that it
 * may be saved.
 */
import { refused } from '../refusal.ts'
import type { Row } from '../row.ts'
import { type Entity, findField } from '../schema/entity.ts'
import type { Store } from '../store.ts'
import { findByField } from './validate.ts'

const MESSAGE = "You're creating a duplicate record. We recommend you use an existing record instead."

/** Whether the header `Sforce-Duplicate-Rule-Header` lets duplicates through. */
export function allowsDuplicates(header: string | undefined): boolean {
  return /(?:^|;)\s*allowSave\s*=\s*true\s*(?:;|$)/i.test(header ?? '')
}

/** @throws {Refused} DUPLICATES_DETECTED, with the vendor's own spelling of `duplicateResut`. */
export function refuseDuplicates(entity: Entity, values: Row, store: Store, root: string): void {
  const email = values['Email']
  const field = findField(entity, 'Email')
  if (entity.name !== 'Contact' || typeof email !== 'string' || field === undefined) return
  const twins = findByField(store, entity, field, email)
  if (twins.length === 0) return
  const matchRecords = twins.map((row) => ({
    additionalInformation: [],
    fieldDiffs: [],
    matchConfidence: 100,
    record: {
      attributes: { type: 'Contact', url: `${root}/sobjects/Contact/${String(row['Id'])}` },
      Id: row['Id'],
    },
  }))
  throw refused(400, 'DUPLICATES_DETECTED', MESSAGE, {
    duplicateResut: {
      allowSave: true,
      duplicateRule: 'Standard_Contact_Duplicate_Rule',
      duplicateRuleEntityType: 'Contact',
      errorMessage: MESSAGE,
      matchResults: [
        {
          entityType: 'Contact',
          errors: [],
          matchEngine: 'FuzzyMatchEngine',
          matchRecords,
          rule: 'Standard_Contact_Match_Rule_v1_1',
          size: matchRecords.length,
          success: true,
        },
      ],
    },
  })
}
