/**
 * @module
 * Guard: no record leaves for a caller before the URL's policy has been applied to every field of it, and no refusal
 * says more of a record than the policy would.
 */
import { type CanonicalRecord, type Failure, fail, type Policy, records } from '@quartermaster/protocol'
import { type BlurredQuestion, blurFigures, blurQuestion } from '../policy/blur-aggregate.ts'
import type { Classification } from '../policy/classification.ts'
import { isIdKind } from '../policy/field-kind.ts'
import { mayAsk } from '../policy/may-ask.ts'
import type { PseudonymKeys } from '../policy/pseudonym-keys.ts'
import { redactRecord } from '../policy/redact-record.ts'
import { suppressSmallGroups, withoutValueCounts } from '../policy/suppress-small-groups.ts'
import { untrustedText } from '../policy/untrusted-text.ts'
import { nothingClassified, showsCustomFields, viewOf } from '../policy/view.ts'
import { usesPseudonyms } from '../tools/resolve-arguments.ts'
import type { Answer, BoundCall, GoodAnswer, RedactedCall, ToolCall } from './call.ts'
import type { Guard, Next } from './compose.ts'

export interface RedactDeps {
  /** Without them, what a policy gives a pseudonym is stripped. */
  readonly pseudonyms?: PseudonymKeys
  /** What the operator says of fields, as of now. */
  readonly classification?: () => Classification
}

/**
 * Redacts each record by the classes of the tool's canonical record, the policy of the URL and what the operator says
 * of the account's fields. Of an aggregate, what is too small for the policy is merged or withheld, and what was asked
 * with filters is told coarsely.
 */
export function redact({ pseudonyms, classification }: RedactDeps = {}): Guard<'redact', BoundCall, Asked, 'resolve'> {
  const run = async (call: BoundCall, next: Next<Asked>): Promise<Answer> => {
    const { tool, access } = call
    const { policy, account } = access
    // The key comes first: an answer that cannot be redacted is not asked for.
    const tenant = usesPseudonyms(policy, false) ? await pseudonyms?.of(account.tenant) : undefined
    const conceal =
      tenant &&
      ((value: string, kind: string) => tenant.conceal(value, { kind, scope: isIdKind(kind) ? account.id : '' }))
    const { record, resource, kind } = tool.method
    const classified = () => classification?.().of(account.tenant, account.system, resource) ?? nothingClassified
    const customFields = showsCustomFields(policy, classified()) ? 'wanted' : 'unwanted'
    const question = kind === 'aggregate' ? blurQuestion(call.input, policy) : undefined
    const answer = await next({ customFields, ...(question ? { input: question.input } : {}) })
    if (!answer.ok) return { ...answer, failure: discreet(answer.failure, call) }
    const told = question ? figures(answer, question, policy) : answer
    const { classes } = records[record]
    // What the operator says now: it may have become stricter meanwhile.
    const operator = classified()
    const options = { record, operator, ...(conceal ? { conceal } : {}) }
    const shown = told.records.map((one) => redactRecord(one, classes, policy, options))
    // Figures are nobody's words.
    const warned = kind === 'aggregate' ? {} : notes(told, shown, viewOf(classes, policy, operator))
    const noted = { ...told, records: shown, ...warned }
    return withoutMissing(withoutTotal(noted, call), policy)
  }
  return { name: 'redact', after: ['resolve'], run }
}

type Asked = Pick<RedactedCall, 'customFields'> & Partial<Pick<BoundCall, 'input'>>

/** What may be told of an aggregate. */
function figures(answer: GoodAnswer, { isFiltered, notes: asked }: BlurredQuestion, policy: Policy) {
  const grouped = suppressSmallGroups(answer, policy)
  const told = withoutValueCounts(isFiltered ? blurFigures(grouped) : grouped)
  return asked.length > 0 ? { ...told, notes: [...(told.notes ?? []), ...asked] } : told
}

function notes(answer: GoodAnswer, shown: readonly CanonicalRecord[], view: ReturnType<typeof viewOf>) {
  const warning = untrustedText(shown, view)
  return warning === undefined ? {} : { notes: [...(answer.notes ?? []), warning] }
}

/** A batch read names the ids that were not found as the system writes them; who sees pseudonyms knows them as such. */
function withoutMissing({ missing, ...answer }: GoodAnswer, policy: Policy): GoodAnswer {
  return missing === undefined || policy.linkable !== 'keep' ? answer : { ...answer, missing }
}

/** How many match is told only when every filter of the system's tool is over what the caller may read. */
function withoutTotal({ totalCount, ...answer }: GoodAnswer, { tool, access }: ToolCall): GoodAnswer {
  // Whether the account has fields of its own is no reason: a filter by one that is hidden never comes this far.
  const filters = tool.method.input.filter(({ customField }) => customField === undefined)
  const asked = filters.flatMap((field) => [field, ...(field.narrows ?? [])])
  const open = asked.every((one) => mayAsk(access.policy, one))
  return totalCount === undefined || !open ? answer : { ...answer, totalCount }
}

/** That a person is there already, and under which id, is for those who may read both. */
function discreet(failure: Failure, { tool, access: { policy } }: ToolCall): Failure {
  const open = (['identity', 'contact', 'linkable'] as const).every((piiClass) => policy[piiClass] === 'keep')
  if (failure.code !== 'conflict' || open) return failure
  return fail(
    'upstream_rejected',
    `Cannot ${tool.method.kind} the ${tool.method.resource}: its system rejects the request.`,
    'Check the arguments. Do not repeat the same call.',
  )
}
