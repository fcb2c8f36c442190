/**
 * @module
 * The innermost step: one tool call becomes one request to the system, with a valid token, and its answer is read.
 * Nothing here waits for a quota or repeats a refused call; only a rejected token is replaced once.
 */
import {
  type Connection,
  type Method,
  type MethodInput,
  type MethodOutcome,
  runMethod,
} from '@quartermaster/connectors'
import { type Failure, FailureError, fail, isRead } from '@quartermaster/protocol'
import type { IntegratedAccount } from '../entities/account.ts'
import { UpstreamFault } from '../outbound/upstream.ts'
import { QuotaExhausted } from '../quota/quota-limiter.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import { needsReauth } from '../vault/needs-reauth.ts'
import type { AccessToken, TokenSource } from '../vault/token-source.ts'
import type { AccountFields } from './account-fields.ts'
import { type AuthorizedSend, type AuthorizedSendDeps, authorizedSend } from './authorized-send.ts'
import type { Answer, RedactedCall } from './call.ts'
import { type CallDeadline, within } from './call-deadline.ts'
import type { Endpoint } from './compose.ts'

export interface SendDeps extends AuthorizedSendDeps {
  readonly tokens: TokenSource
  readonly fields: AccountFields
  readonly now: () => number
}

/** The guide's limit for one tool call; the agent's own timeout is the same, so we answer a little earlier. */
const CALL_TIMEOUT_MS = 9_500
/** A method that gathers several answers asks for another one only while this much of the deadline is left. */
const NEXT_REQUEST_MS = 2_000

export function send(deps: SendDeps): Endpoint<RedactedCall, 'intent'> {
  const run = async (call: RedactedCall): Promise<Answer> => {
    const { tool, input, access, signal } = call
    const { account } = access
    const expiresAt = deps.now() + CALL_TIMEOUT_MS
    const namesCustomFields = call.customFields !== 'unwanted'
    try {
      if (account.status !== 'active') throw needsReauth(account.id, account)
      const deadline = { expiresAt, now: deps.now, signal }
      let token = await within(deadline, deps.tokens.token(account))
      const ask = () => {
        const own = authorizedSend(deps, account, token, deadline, signal)
        const shared = authorizedSend(deps, account, token, deadline)
        return sendOnce(deps, account, tool.method, input, { own, shared, token, deadline, namesCustomFields })
      }
      const outcome = await ask()
      if (outcome.ok || outcome.unauthorized !== true) return orUnknown(outcome, tool.method, account)
      // A version newer than the refused one: another caller's, or one fetched now.
      token = await within(deadline, deps.tokens.token(account, token.ver))
      const second = await ask()
      if (second.ok || second.unauthorized !== true) return orUnknown(second, tool.method, account)
      // Not the grant: it has just been renewed. So the account stays as it is, and people must look.
      return { ok: false, failure: refusedTwice(account), quotas: second.quotas }
    } catch (error) {
      if (error instanceof QuotaExhausted) return { ok: false, failure: error.failure, quotas: error.quotas }
      if (error instanceof FailureError) return { ok: false, failure: error.failure, quotas: [] }
      if (error instanceof StoreUnavailable) return { ok: false, failure: noStore(account), quotas: [] }
      if (error instanceof UpstreamFault)
        return { ok: false, failure: describe(error, tool.method, account), quotas: [] }
      throw error
    }
  }
  return { after: ['intent'], run }
}

async function sendOnce(
  deps: SendDeps,
  account: IntegratedAccount,
  method: Method,
  input: MethodInput,
  /** `shared` serves other callers too, so this caller's hanging up must not stop it. */
  via: {
    readonly own: AuthorizedSend
    readonly shared: AuthorizedSend
    readonly token: AccessToken
    readonly deadline: CallDeadline
    /** Asks for the account's custom fields too, where they have to be named. */
    readonly namesCustomFields: boolean
  },
): Promise<MethodOutcome> {
  let connection: Connection = { base: via.token.apiBase, now: deps.now() }
  const source = via.namesCustomFields ? method.discover : undefined
  const askedAt = deps.now()
  if (source) {
    const found = await deps.fields.of(account, { method, source, input }, connection, {
      authorized: via.shared,
      tokenVer: via.token.ver,
    })
    if ('refused' in found) {
      const sent = { url: source.prepare(connection).url, at: askedAt }
      return { ...found.refused, quotas: await deps.quota.recordQuotaHeaders(account, sent, found.refused) }
    }
    connection = { ...connection, customFields: found.own }
  }
  const ask = async (page: MethodInput): Promise<MethodOutcome> => {
    const request = await method.prepare(page, connection)
    const sent = { url: request.url, at: deps.now() }
    try {
      const outcome = await method.read(await via.own(request), page)
      return { ...outcome, quotas: await deps.quota.recordQuotaHeaders(account, sent, outcome) }
    } catch (error) {
      // Of a method that asks several times, what was counted so far is an answer too.
      if (error instanceof QuotaExhausted) return { ok: false, failure: error.failure, quotas: error.quotas }
      throw error
    }
  }
  const { expiresAt, signal } = via.deadline
  return runMethod(method, input, ask, () => !signal.aborted && expiresAt - deps.now() > NEXT_REQUEST_MS)
}

function refusedTwice(account: IntegratedAccount): Failure {
  return fail(
    'forbidden',
    `Cannot use ${account.id}: its system refuses a token that it has just issued`,
    'Do not repeat the call. Tell the operator that the connected app or user may lack access to the API.',
  )
}

/** The store is asked only for tokens, before a request is sent or after one was refused: nothing has happened. */
function noStore(account: IntegratedAccount): Failure {
  return fail(
    'upstream_unavailable',
    `Cannot use ${account.id}: the store that holds its grant does not answer`,
    'Wait a few seconds, then repeat the same call.',
    { retryAfterS: 5 },
  )
}

/** A system that breaks while it answers a write may have made it. */
function orUnknown(outcome: MethodOutcome, method: Method, account: IntegratedAccount): MethodOutcome {
  if (outcome.ok || isRead(method.kind)) return outcome
  const { code } = outcome.failure
  if (code !== 'upstream_invalid' && code !== 'upstream_unavailable') return outcome
  return { ...outcome, failure: unknownOutcome(account, 'the system broke while answering') }
}

function describe(fault: UpstreamFault, method: Method, account: IntegratedAccount): Failure {
  if (fault.sent && !isRead(method.kind)) {
    const why =
      fault.kind === 'broken' ? 'the connection broke before the system answered' : 'the system did not answer in time'
    return unknownOutcome(account, why)
  }
  switch (fault.kind) {
    case 'cancelled':
      return fail('cancelled', `The call on ${account.id} was cancelled`, 'Call again if you still need the answer.')
    case 'timeout':
      return fail('timeout', `The system behind ${account.id} did not answer in time`, 'Repeat the call once.')
    case 'too_large':
      return fail(
        'upstream_too_large',
        `The answer for ${account.id} is too large`,
        'Ask for less: a smaller limit or a search.',
      )
    case 'refused_address':
      return fail(
        'upstream_unavailable',
        `Cannot reach the system behind ${account.id}: its address is not a public one`,
        'Do not repeat the call. Tell the operator.',
      )
    default:
      return fail(
        'upstream_unavailable',
        `Cannot reach the system behind ${account.id}`,
        'Wait a few seconds, then repeat the same call.',
        { retryAfterS: 5 },
      )
  }
}

function unknownOutcome(account: IntegratedAccount, why: string): Failure {
  return fail(
    'outcome_unknown',
    `Cannot tell whether ${account.id} was changed: ${why}`,
    'Do not repeat the call. Read the record to see whether the change was made.',
  )
}
