/**
 * @module
 * The canonical records by name: what a connector may map to.
 */
import { account } from './account.ts'
import { contact } from './contact.ts'
import type { RecordDefinition } from './field.ts'
import { lead } from './lead.ts'
import { note } from './note.ts'
import { opportunity } from './opportunity.ts'
import { opportunitySummary, opportunitySummarySources } from './opportunity-summary.ts'
import { pipeline, stage } from './pipeline.ts'
import { task } from './task.ts'
import { ticket } from './ticket.ts'
import { user } from './user.ts'

export const records = {
  contact,
  account,
  opportunity,
  opportunity_summary: opportunitySummary,
  pipeline,
  stage,
  lead,
  ticket,
  task,
  note,
  user,
} satisfies Record<string, RecordDefinition>

export type RecordName = keyof typeof records

/** Of records that sum up others: the path in those that each field is made of. */
export const summarySources: { readonly [record in RecordName]?: { readonly [field: string]: string } } = {
  opportunity_summary: opportunitySummarySources,
}

/** A record as data: what travels between connector, policy and envelope. */
export type CanonicalRecord = { readonly [field: string]: unknown }

export function isRecordName(name: string): name is RecordName {
  return Object.hasOwn(records, name)
}
