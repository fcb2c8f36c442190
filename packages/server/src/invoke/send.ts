/**
 * @module
 * The innermost step: one tool call becomes one request to the system, with a valid token, and its answer is read.
 * Nothing here waits for a quota or repeats a refused call; only a rejected token is replaced once.
 */
import type { Connection, Method, MethodInput, MethodOutcome } from '@quartermaster/connectors'
import { type Failure, FailureError, fail, isRead } from '@quartermaster/protocol'
import { type Upstream, UpstreamFault } from '../http/upstream.ts'
import type { IntegratedAccount } from '../tenants/account.ts'
import { needsReauth } from '../vault/needs-reauth.ts'
import type { AccessToken, TokenSource } from '../vault/token-source.ts'
import type { Authorized } from './authorized.ts'
import type { Answer, Invoke } from './call.ts'
import type { CustomFields } from './custom-fields.ts'

export interface SendParts {
  readonly tokens: TokenSource
  readonly upstream: Upstream
  readonly customFields: CustomFields
  readonly now: () => number
}

/** The guide's limit for one tool call; the agent's own timeout is the same, so we answer a little earlier. */
const BUDGET_MS = 9_500

export function send(parts: SendParts): Invoke {
  return async (call) => {
    const { tool, input, access, signal } = call
    if (!tool || !input) throw new TypeError('send() needs a call that authorize and bind have completed')
    const { account } = access
    const giveUpAt = parts.now() + BUDGET_MS
    try {
      if (account.status !== 'active') throw needsReauth(account.id, account)
      let token = await parts.tokens.token(account)
      const authorized: Authorized = (request) =>
        parts.upstream.send(
          { ...request, headers: { ...request.headers, authorization: `Bearer ${token.value}` } },
          { signal, timeoutMs: Math.max(1, giveUpAt - parts.now()) },
        )
      const outcome = await once(parts, account, tool.method, input, {
        authorized,
        tokenVer: token.ver,
        apiBase: token.apiBase,
      })
      if (outcome.ok || outcome.unauthorized !== true) return answer(outcome)
      token = await replace(parts, account, token)
      const second = await once(parts, account, tool.method, input, {
        authorized,
        tokenVer: token.ver,
        apiBase: token.apiBase,
      })
      if (second.ok || second.unauthorized !== true) return answer(second)
      // Not the grant: it has just been renewed. So the account stays as it is, and people must look.
      return { ok: false, failure: refusedTwice(account), quotas: second.quotas }
    } catch (error) {
      if (error instanceof FailureError) return { ok: false, failure: error.failure, quotas: [] }
      if (error instanceof UpstreamFault)
        return { ok: false, failure: describe(error, tool.method, account), quotas: [] }
      throw error
    }
  }
}

async function once(
  parts: SendParts,
  account: IntegratedAccount,
  method: Method,
  input: MethodInput,
  way: { readonly authorized: Authorized; readonly tokenVer: number; readonly apiBase: string },
): Promise<MethodOutcome> {
  let connection: Connection = { base: way.apiBase }
  const { discover: discovery } = method
  if (discovery) {
    const fields = await parts.customFields.of(account, { method, discovery, input }, connection, way)
    if ('refused' in fields) return fields.refused
    connection = { ...connection, customFields: fields.names }
  }
  return method.read(await way.authorized(await method.prepare(input, connection)), input)
}

/** A version newer than the refused one: another caller's, or one fetched now. */
function replace(parts: SendParts, account: IntegratedAccount, refused: AccessToken): Promise<AccessToken> {
  return parts.tokens.token(account, refused.ver)
}

function refusedTwice(account: IntegratedAccount): Failure {
  return fail(
    'forbidden',
    `Cannot use ${account.id}: its system refuses a token that it has just issued`,
    'Do not repeat the call. Tell the operator that the connected app or user may lack access to the API.',
  )
}

function answer(outcome: MethodOutcome): Answer {
  if (!outcome.ok) return { ok: false, failure: outcome.failure, quotas: outcome.quotas }
  return {
    ok: true,
    records: outcome.records,
    ...(outcome.cursor === undefined ? {} : { cursor: outcome.cursor }),
    ...(outcome.totalCount === undefined ? {} : { totalCount: outcome.totalCount }),
    quotas: outcome.quotas,
  }
}

function describe(fault: UpstreamFault, method: Method, account: IntegratedAccount): Failure {
  if (fault.kind === 'cancelled') {
    return fail('cancelled', `The call on ${account.id} was cancelled`, 'Call again if you still need the answer.')
  }
  if (fault.sent && !isRead(method.kind)) {
    return fail(
      'outcome_unknown',
      `Cannot tell whether ${account.id} was changed: the system did not answer in time`,
      'Do not repeat the call. Read the record to see whether the change was made.',
    )
  }
  switch (fault.kind) {
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
