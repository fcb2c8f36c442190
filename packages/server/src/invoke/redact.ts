/**
 * @module
 * Guard: no record leaves for a caller before the URL's policy has been applied to every field of it.
 */
import { records } from '@quartermaster/protocol'
import { redactRecord } from '../policy/redact-record.ts'
import { suppressSmallGroups } from '../policy/suppress-small-groups.ts'
import type { Guard } from './call.ts'

/** Redacts each record by the classes of the tool's canonical record and the policy of the URL; of an aggregate, groups
 * that are too small for the policy are merged first. */
export function redact(): Guard {
  return (next) => async (call) => {
    const { tool, access } = call
    if (!tool) throw new Error('Cannot redact the answer: no guard before this one found the tool')
    const answer = await next(call)
    if (!answer.ok) return answer
    const { classes } = records[tool.method.record]
    const shown = tool.method.kind === 'aggregate' ? suppressSmallGroups(answer, access.policy) : answer
    return { ...shown, records: shown.records.map((record) => redactRecord(record, classes, access.policy)) }
  }
}
