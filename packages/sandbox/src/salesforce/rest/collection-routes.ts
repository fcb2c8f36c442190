/**
 * @module
 * `composite/sobjects`: up to 200 writes or 2000 reads in one call, each with a result of its own.
 */
import type { Hono } from 'hono'
import type { VendorContext, VendorEnv } from '../../vendor.ts'
import { parseRecordId } from '../record-id.ts'
import { type Fault, Refused, refused } from '../refusal.ts'
import type { Org } from '../seed.ts'
import { create, entityNamed, remove, update, upsert, type WriteContext } from '../write/records.ts'
import { isObject, type JsonObject, readObject, readTexts } from './body.ts'
import { type Call, json, pathParam, resource, rootOf, VERSION_ROOT } from './resource.ts'
import { fieldList, showRecords } from './show-record.ts'
import { writeContext } from './sobject-routes.ts'

const MAX_WRITES = 200
const MAX_READS = 2000

type Write = (context: WriteContext) => object
type Result = object & { readonly success: boolean; readonly errors: readonly object[] }

export function collectionRoutes(app: Hono<VendorEnv>, context: VendorContext, org: Org): void {
  const { store } = org
  const run = (call: Call, writes: readonly Write[], allOrNone: boolean): Response =>
    json(writeAll(writes, writeContext(call, context, org), allOrNone))
  const records = async (call: Call, write: (record: JsonObject, context: WriteContext) => object) => {
    const body = await readObject(call)
    const given: readonly unknown[] = Array.isArray(body['records']) ? body['records'] : []
    checkCount(given.length, MAX_WRITES)
    const writes = given.map(
      (record): Write =>
        (writing) =>
          write(isObject(record) ? record : {}, writing),
    )
    return run(call, writes, body['allOrNone'] === true)
  }

  resource(app, `${VERSION_ROOT}/composite/sobjects`, {
    POST: (call) => records(call, (record, writing) => ({ id: create(entityOf(record), record, writing) })),
    PATCH: (call) =>
      records(call, (record, writing) => {
        const { id, Id = id, ...body } = record
        return { id: update(entityOf(record), String(Id ?? ''), body, writing) }
      }),
    DELETE: (call) => {
      const ids = fieldList(call.req.query('ids')) ?? []
      checkCount(ids.length, MAX_WRITES)
      const writes = ids.map(
        (id): Write =>
          (writing) => ({ id: remove(entityOfId(id), id, writing) }),
      )
      return run(call, writes, call.req.query('allOrNone') === 'true')
    },
  })
  resource(app, `${VERSION_ROOT}/composite/sobjects/:object`, {
    GET: (call) => json(read(call, fieldList(call.req.query('ids')) ?? [], fieldList(call.req.query('fields')) ?? [])),
    POST: async (call) => {
      const body = await readObject(call)
      return json(read(call, readTexts(body, 'ids'), readTexts(body, 'fields')))
    },
  })
  resource(app, `${VERSION_ROOT}/composite/sobjects/:object/:field`, {
    PATCH: (call) =>
      records(call, (record, writing) => {
        const entity = entityNamed(store, pathParam(call, 'object'))
        const field = pathParam(call, 'field')
        const { [field]: value, ...body } = record
        return upsert(entity, field, String(value ?? ''), body, writing)
      }),
  })

  function read(call: Call, ids: readonly string[], fields: readonly string[]) {
    checkCount(ids.length, MAX_READS)
    const entity = entityNamed(store, pathParam(call, 'object'))
    const show = showRecords(entity, store, rootOf(call), fields)
    return ids.map((given) => {
      const row = store.find(entity.name, parseRecordId(given) ?? '')
      return row === undefined || row['IsDeleted'] === true ? null : show(row)
    })
  }

  function entityOf(record: JsonObject) {
    const attributes = record['attributes']
    const type = isObject(attributes) ? attributes['type'] : undefined
    if (typeof type === 'string') return entityNamed(store, type)
    throw refused(400, 'INVALID_INPUT', 'The type of the record is missing in its attributes', { fields: [] })
  }

  function entityOfId(id: string) {
    const entity = store.schema.entities.find((candidate) => id.startsWith(candidate.keyPrefix))
    if (entity === undefined) throw refused(400, 'MALFORMED_ID', `malformed id ${id}`, { fields: ['Id'] })
    return entity
  }
}

/** One result for each write; with `allOrNone`, a failure undoes the others and says so in their place. */
function writeAll(writes: readonly Write[], context: WriteContext, allOrNone: boolean): readonly Result[] {
  const undo = context.store.checkpoint()
  const results = writes.map((write): Result => {
    try {
      return { ...write(context), success: true, errors: [] }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return { success: false, errors: error.faults.map(itemError) }
    }
  })
  if (!allOrNone || results.every((result) => result.success)) return results
  undo()
  const message = 'Record rolled back because not all records were valid and the request was using AllOrNone header'
  const rolledBack = { statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK', message, fields: [] }
  return results.map((result) => (result.success ? { success: false, errors: [rolledBack] } : result))
}

/** Inside of collections the code is called `statusCode`. */
function itemError({ errorCode, message, fields = [], ...extra }: Fault): object {
  return { statusCode: errorCode, message, fields, ...extra }
}

function checkCount(count: number, most: number): void {
  if (count > most) throw refused(400, 'LIMIT_EXCEEDED', `record count ${count} is more than the limit of ${most}`)
  if (count === 0) throw refused(400, 'INVALID_INPUT', 'no records were given')
}
