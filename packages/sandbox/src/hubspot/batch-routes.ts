/**
 * @module
 * Up to 100 objects in one call. What cannot be found is told beside what can, with status 207; what is not valid
 * refuses the whole batch before anything is written.
 */
import { Hono } from 'hono'
import type { VendorEnv } from '../vendor.ts'
import type { ObjectType } from './object-type.ts'
import { archiveRecord, createRecord, findRecord, propertiesIn, updateRecord } from './objects.ts'
import { bodyOf, type Call, type Json, needScope, objectsIn, type Portal, textIn, textsIn, typeIn } from './portal.ts'
import { invalid, Problem } from './problem.ts'
import { renderObject } from './render-object.ts'
import type { HubRecord } from './store.ts'
import { checkValues } from './write-values.ts'

/** Routes below a prefix such as `/crm/v3/objects`. */
export function batchRoutes(portal: Portal): Hono<VendorEnv> {
  const { store, context } = portal
  const { accountId } = context.account
  const app = new Hono<VendorEnv>()
  const show = (type: ObjectType, record: HubRecord, properties = [...record.values.keys()]) =>
    renderObject(store, type, record, { properties, accountId })

  app.post('/:type/batch/read', async (c) => {
    const type = typeIn(c)
    needScope(c, type.readScope)
    const body = await bodyOf(c)
    const idProperty = textIn(body, 'idProperty')
    const missing: string[] = []
    const results = inputsIn(body).flatMap((input) => {
      const id = textIn(input, 'id') ?? ''
      const record = findRecord(portal, type, id, { idProperty, archived: c.req.query('archived') === 'true' })
      if (!record) missing.push(id)
      return record ? [show(type, record, textsIn(body, 'properties'))] : []
    })
    return answer(portal, c, results, notFound(missing))
  })

  app.post('/:type/batch/create', async (c) => {
    const type = typeIn(c)
    needScope(c, type.writeScope)
    const inputs = inputsIn(await bodyOf(c))
    const traced = inputs.length > 0 && inputs.every((input) => textIn(input, 'objectWriteTraceId') !== undefined)
    if (!traced) for (const input of inputs) checkValues(store, type, propertiesIn(input))
    const errors: Json[] = []
    const results = inputs.flatMap((input) => {
      const trace = textIn(input, 'objectWriteTraceId')
      try {
        const record = createRecord(portal, type, input)
        return [{ ...show(type, record), ...(trace === undefined ? {} : { objectWriteTraceId: trace }) }]
      } catch (problem) {
        if (!traced || !(problem instanceof Problem)) throw problem
        errors.push({
          status: 'error',
          ...problem.body,
          context: { ...problem.body.context, objectWriteTraceId: [trace] },
        })
        return []
      }
    })
    return answer(portal, c, results, errors, 201)
  })

  app.post('/:type/batch/update', async (c) => {
    const type = typeIn(c)
    needScope(c, type.writeScope)
    const missing: string[] = []
    const known = inputsIn(await bodyOf(c)).flatMap((input) => {
      const id = textIn(input, 'id') ?? ''
      const record = findRecord(portal, type, id, { idProperty: textIn(input, 'idProperty') })
      if (!record) missing.push(id)
      return record ? [{ record, input }] : []
    })
    for (const { record, input } of known) checkValues(store, type, propertiesIn(input), record.id)
    const results = known.map(({ record, input }) => show(type, updateRecord(portal, type, record, input)))
    return answer(portal, c, results, notFound(missing))
  })

  app.post('/:type/batch/upsert', async (c) => {
    const type = typeIn(c)
    needScope(c, type.writeScope)
    const planned = inputsIn(await bodyOf(c)).map((input) => {
      const id = textIn(input, 'id') ?? ''
      const idProperty = textIn(input, 'idProperty')
      if (!id || !idProperty) throw invalid('Every input of an upsert needs an id and an idProperty')
      const record = findRecord(portal, type, id, { idProperty })
      const properties =
        idProperty === 'hs_object_id' ? propertiesIn(input) : { [idProperty]: id, ...propertiesIn(input) }
      checkValues(store, type, properties, record?.id)
      return { id, idProperty, input: { ...input, properties } }
    })
    const results = planned.map(({ id, idProperty, input }) => {
      const record = findRecord(portal, type, id, { idProperty })
      const written = record ? updateRecord(portal, type, record, input) : createRecord(portal, type, input)
      return { ...show(type, written), new: record === undefined }
    })
    return answer(portal, c, results, [])
  })

  app.post('/:type/batch/archive', async (c) => {
    const type = typeIn(c)
    needScope(c, type.writeScope)
    for (const input of inputsIn(await bodyOf(c))) archiveRecord(portal, type, textIn(input, 'id') ?? '')
    return c.body(null, 204)
  })
  return app
}

function inputsIn(body: Json): Json[] {
  const inputs = objectsIn(body, 'inputs')
  if (inputs.length > 100) throw invalid(`The batch size limit is 100, but there were ${inputs.length} inputs`)
  return inputs
}

function notFound(ids: readonly string[]): Json[] {
  if (ids.length === 0) return []
  const message = 'Could not get some objects, they may be deleted or not exist. Check that ids are valid.'
  return [{ status: 'error', category: 'OBJECT_NOT_FOUND', message, context: { ids } }]
}

/** The envelope of a batch: 207 when there is something to complain about. */
export function answer(
  { context }: Portal,
  c: Call,
  results: readonly unknown[],
  errors: readonly Json[],
  status: 200 | 201 = 200,
): Response {
  const at = new Date(context.now()).toISOString()
  const complaint = errors.length > 0 ? { numErrors: errors.length, errors } : {}
  const body = { status: 'COMPLETE', results, ...complaint, startedAt: at, completedAt: at }
  return c.json(body, errors.length > 0 ? 207 : status)
}
