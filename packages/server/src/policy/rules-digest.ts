/**
 * @module
 * Tells whether an answer would be redacted today as it was then, without redacting it again.
 */
import { createHash } from 'node:crypto'
import { type Policy, type RecordName, records } from '@quartermaster/protocol'
import type { FieldClasses } from './view.ts'

/** Of everything that decides what is shown of a record: two that are equal show the same. */
export function rulesDigest(record: RecordName, policy: Policy, { fields, custom }: FieldClasses): string {
  const sorted = (said: FieldClasses['fields']) => [...said].sort(([a], [b]) => (a < b ? -1 : 1))
  const rules = [records[record].classes, policy, sorted(fields), sorted(custom)]
  return createHash('sha256').update(JSON.stringify(rules), 'utf8').digest('base64url')
}
