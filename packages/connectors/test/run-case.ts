/**
 * @module
 * Runs one case against one method: the request it makes, the refusal it gives, or the outcome it reads.
 */
import { FailureError } from '@quartermaster/protocol'
import { expect } from 'vitest'
import { customFieldNames } from '../src/account-fields.ts'
import type { Connection, Method, MethodInput, UpstreamRequest, UpstreamResponse } from '../src/contract.ts'
import type { CaseFile } from './case-file.ts'

function inputOf({ input }: CaseFile): MethodInput {
  const { id, ids, limit, cursor, args } = input
  return {
    args,
    ...(id === undefined ? {} : { id }),
    ...(ids === undefined ? {} : { ids }),
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  }
}

function connectionOf({ base, custom_fields: customFields, now }: CaseFile): Connection {
  return { base, ...(customFields ? { customFields } : {}), ...(now === undefined ? {} : { now: Date.parse(now) }) }
}

function responseOf({ answer }: CaseFile): UpstreamResponse {
  const body = answer?.text ?? (answer?.body === undefined ? '' : JSON.stringify(answer.body))
  return { status: answer?.status ?? 0, headers: answer?.headers ?? {}, body }
}

/** The method as the account of the case has it. */
export async function methodOf(method: Method, { name, described }: CaseFile): Promise<Method> {
  if (described === undefined) return method
  const source = method.accountSchema ?? method.filtersCustomFields
  if (!source) throw new TypeError(`Cannot run the case "${name}": no field of an account changes the method`)
  return method.forAccount(await source.read({ status: 200, headers: {}, body: JSON.stringify(described) }))
}

/** The request is exactly the one the case writes down. */
export async function checkRequest(method: Method, one: CaseFile): Promise<void> {
  compareRequest(await method.prepare(inputOf(one), connectionOf(one)), one)
}

function compareRequest(request: UpstreamRequest, one: CaseFile): void {
  const expected = one.request
  if (!expected) return
  const url = new URL(request.url)
  expect(request.method).toEqual(expected.method)
  expect(JSON.parse(request.body ?? 'null')).toEqual(expected.body ?? null)
  if (expected.headers) expect(request.headers).toEqual(expected.headers)
  if (expected.url !== undefined) expect(request.url).toEqual(expected.url)
  if (expected.path === undefined) return
  expect(`${url.origin}${url.pathname}`).toEqual(`${one.base}${expected.path}`)
  expect(Object.fromEntries(url.searchParams)).toEqual(expected.query ?? {})
}

/** `prepare` throws the failure that the case names. */
export async function checkRefusal(method: Method, one: CaseFile): Promise<void> {
  const thrown = await method.prepare(inputOf(one), connectionOf(one)).then(
    () => undefined,
    (error: unknown) => (error instanceof FailureError ? error.failure : error),
  )
  const failure = thrown as { readonly code?: string; readonly message?: string } | undefined
  expect(failure?.code).toEqual(one.refused?.code)
  if (one.refused?.message !== undefined) expect(failure?.message).toEqual(one.refused.message)
}

/** Reads the case's answer. Of a failure only what the case speaks about is kept. */
export async function readCase(method: Method, one: CaseFile): Promise<unknown> {
  const outcome = await method.read(responseOf(one), inputOf(one))
  const expected = one.outcome?.failure
  if (outcome.ok || !expected) return outcome
  const { code, retry_after_s, message, advice } = outcome.failure
  const kept = {
    code,
    ...(retry_after_s === undefined ? {} : { retry_after_s }),
    ...(expected.message === undefined ? {} : { message }),
    ...(expected.advice === undefined ? {} : { advice }),
  }
  return { ...outcome, failure: kept }
}

/** The question for the account's fields is asked as the case says, and the answer has the custom fields that it says. */
export async function checkDiscovery(method: Method, one: CaseFile): Promise<void> {
  const { discover } = method
  if (!discover) throw new TypeError(`Cannot run the case "${one.name}": nothing is discovered`)
  compareRequest(discover.prepare(connectionOf(one)), one)
  expect(customFieldNames(await discover.read(responseOf(one)))).toEqual(one.outcome?.names)
}
