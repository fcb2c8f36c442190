/**
 * @module
 * A 2xx answer becomes canonical records. What is not the JSON that was asked for is a typed failure, never an exception.
 */
import type { CanonicalRecord, MethodKind, RecordName } from '@quartermaster/protocol'
import { cleanRecord } from './clean-record.ts'
import type { Pagination } from './connector-file.ts'
import type { UpstreamResponse } from './contract.ts'
import type { Expression } from './expression.ts'
import { cutPage, nextLink, type PageWindow } from './page-window.ts'
import { parseBody } from './parse-body.ts'

/** How answers to one method are read. */
export interface SuccessReader {
  readonly kind: MethodKind
  readonly record: RecordName
  readonly map: Expression
  readonly records?: Expression
  readonly cursor?: Expression
  readonly total?: Expression
  readonly pagination?: Pagination
}

export type ReadResult =
  | {
      readonly ok: true
      readonly records: readonly CanonicalRecord[]
      readonly cursor?: string
      readonly totalCount?: number
    }
  /** `absent`: well-formed, and the record that was asked for is not in it. */
  | { readonly ok: false; readonly because: 'invalid' | 'absent' }

const invalid: ReadResult = { ok: false, because: 'invalid' }

/** Never rejects. */
export async function readSuccess(
  reader: SuccessReader,
  response: UpstreamResponse,
  window: PageWindow,
  bindings: { readonly [name: string]: unknown },
): Promise<ReadResult> {
  if (reader.kind === 'delete') return { ok: true, records: [] }
  const body = parseBody(response.body)
  const silent = response.status === 204 || (reader.kind === 'update' && response.body === '')
  if (!body.ok && !silent) return invalid
  try {
    return await readBody(reader, body.ok ? body.value : {}, response, window, bindings)
  } catch {
    return invalid
  }
}

async function readBody(
  reader: SuccessReader,
  body: unknown,
  response: UpstreamResponse,
  window: PageWindow,
  bindings: { readonly [name: string]: unknown },
): Promise<ReadResult> {
  if (typeof body !== 'object' || body === null) return invalid
  const found = reader.records ? await reader.records(body, bindings) : body
  const { pagination } = reader
  if (!pagination) {
    const one: unknown = Array.isArray(found) ? found[0] : found
    if (one === undefined) return Array.isArray(found) ? { ok: false, because: 'absent' } : invalid
    const record = await readRecord(reader, one, bindings)
    return record ? { ok: true, records: [record] } : invalid
  }
  if (!isObject(found)) return invalid
  // A system that ignores what it was asked for could make one call cost as much as it likes.
  if (pagination.kind !== 'none' && Array.isArray(found) && found.length > window.fetch) return invalid
  const told = pagination.kind === 'link' ? nextLink(response.headers['link']) : await reader.cursor?.(body, bindings)
  const cursor = typeof told === 'string' && told !== '' ? told : typeof told === 'number' ? String(told) : undefined
  const page = cutPage(pagination, window, Array.isArray(found) ? found : [found], cursor)
  const records: CanonicalRecord[] = []
  for (const one of page.records) {
    const read = readRecord(reader, one, bindings)
    // A page of records is mapped without a turn of the event loop for each, unless the interpreter has to do it.
    const record = read instanceof Promise ? await read : read
    if (!record) return invalid
    records.push(record)
  }
  const total = await reader.total?.(body, bindings)
  return {
    ok: true,
    records,
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    ...(typeof total === 'number' && Number.isSafeInteger(total) && total >= 0 ? { totalCount: total } : {}),
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function readRecord(
  reader: SuccessReader,
  source: unknown,
  bindings: { readonly [name: string]: unknown },
): CanonicalRecord | undefined | Promise<CanonicalRecord | undefined> {
  if (!isObject(source) || Array.isArray(source)) return undefined
  const partial = reader.kind === 'create' || reader.kind === 'update'
  const clean = (mapped: unknown) => cleanRecord(reader.record, mapped, { partial })
  const mapped = reader.map(source, { kind: bindings['kind'], input: bindings['input'] })
  return mapped instanceof Promise ? mapped.then(clean) : clean(mapped)
}
