/**
 * @module
 * The words of a failure: what could not be done and why, and what to do now. Nothing of the answer's text is in them.
 */
import { type Failure, type FailureCode, fail } from '@quartermaster/protocol'

/** What the words may speak about. All of it comes from connector files or has been checked against a pattern. */
export interface FailureFacts {
  readonly code: FailureCode
  /** What was tried: `update the contact`. */
  readonly action: string
  /** The system's label. */
  readonly label: string
  readonly resource: string
  readonly unauthorized?: boolean
  readonly retryAfterS?: number
  readonly policy?: string
  readonly fields?: readonly string[]
  readonly existingId?: string
  readonly scopes?: readonly string[]
  /** The call changes something, and may have done so although the answer is no use. */
  readonly writes?: boolean
}

const LOOK_FIRST = 'It may have happened all the same. Look whether it did before you repeat the call.'

type Words = readonly [because: string, advice: string]

/** Builds the failure. */
export function describeFailure(facts: FailureFacts): Failure {
  const [because, advice] = wordsFor(facts)
  const more = facts.retryAfterS === undefined ? {} : { retryAfterS: facts.retryAfterS }
  return fail(facts.code, `Cannot ${facts.action}: ${because}.`, advice, more)
}

function wordsFor({ code, label, resource, ...facts }: FailureFacts): Words {
  const wait = facts.retryAfterS === undefined ? 'Wait' : `Wait ${Math.ceil(facts.retryAfterS)} s`
  const named = (facts.fields ?? []).join(', ')
  switch (code) {
    case 'rate_limited': {
      const quota = facts.policy === undefined ? '' : ` (quota "${facts.policy}")`
      return [`${label} takes no more calls for now${quota}`, `${wait}, then repeat the same call.`]
    }
    case 'needs_reauth':
      return [`${label} does not accept the access token of this account`, 'Ask for the account to be connected again.']
    case 'missing_scope': {
      const scopes = facts.scopes?.length ? ` (${facts.scopes.join(', ')})` : ''
      return [`the account was connected without the permission for it${scopes}`, 'Do not repeat the call. Say so.']
    }
    case 'forbidden':
      return [`the connected user may not do this in ${label}`, 'Do not repeat the call. Say so.']
    case 'not_found':
      return [`${label} has no ${resource} with this id`, `Search or list to find the id of the ${resource}.`]
    case 'conflict': {
      const existing = facts.existingId === undefined ? '' : `: its id is ${facts.existingId}`
      return [`${label} has such a ${resource} already${existing}`, `Update the existing ${resource} instead.`]
    }
    case 'invalid_cursor':
      return [`${label} does not know this cursor any more`, 'Start again without next_cursor.']
    case 'upstream_invalid':
      return [
        `the answer of ${label} is not what it should be`,
        facts.writes ? LOOK_FIRST : 'Repeat the call once. If it fails again, say so.',
      ]
    case 'upstream_unavailable':
    case 'timeout':
      return [
        `${label} is not available`,
        facts.writes ? LOOK_FIRST : `${wait} before you repeat the call. If it fails again, say so.`,
      ]
    default:
      return named === ''
        ? [`${label} rejects the request`, 'Check the arguments. Do not repeat the same call.']
        : [`${label} rejects the value of ${named}`, `Correct ${named}, then call again.`]
  }
}
