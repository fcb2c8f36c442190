/**
 * @module
 * `sobjects`: the list of them, describe, and single records by id or by external id.
 */
import type { Hono } from 'hono'
import type { VendorContext, VendorEnv } from '../../vendor.ts'
import { parseDatetime } from '../moment.ts'
import type { Row } from '../row.ts'
import { describe, describeBriefly, describeGlobal } from '../schema/describe.ts'
import type { Entity } from '../schema/entity.ts'
import type { Org } from '../seed.ts'
import { allowsDuplicates } from '../write/duplicates.ts'
import {
  create,
  entityNamed,
  locate,
  locateByField,
  remove,
  update,
  upsert,
  type WriteContext,
} from '../write/records.ts'
import { readObject } from './body.ts'
import { type Call, json, pathParam, resource, rootOf, VERSION_ROOT } from './resource.ts'
import { nothingHere } from './session.ts'
import { fieldList, showRecords } from './show-record.ts'

export function sobjectRoutes(app: Hono<VendorEnv>, context: VendorContext, org: Org): void {
  const { store } = org
  const entityOf = (call: Call): Entity => entityNamed(store, pathParam(call, 'object'))
  const show = (call: Call, entity: Entity, row: Row): Response => {
    const body = showRecords(entity, store, rootOf(call), fieldList(call.req.query('fields')))(row)
    const modified = parseDatetime(String(row['LastModifiedDate'])) ?? 0
    return json(body, 200, { 'Last-Modified': new Date(modified).toUTCString() })
  }

  resource(app, `${VERSION_ROOT}/sobjects`, { GET: (call) => json(describeGlobal(store.schema, rootOf(call))) })
  resource(app, `${VERSION_ROOT}/sobjects/:object`, {
    GET: (call) => json({ objectDescribe: describeBriefly(entityOf(call), rootOf(call)), recentItems: [] }),
    POST: async (call) => {
      const entity = entityOf(call)
      const id = create(entity, await readObject(call), writeContext(call, context, org))
      return json({ id, success: true, errors: [] }, 201, { Location: `${rootOf(call)}/sobjects/${entity.name}/${id}` })
    },
  })
  resource(app, `${VERSION_ROOT}/sobjects/:object/describe`, {
    GET: (call) => json(describe(entityOf(call), rootOf(call))),
  })
  resource(app, `${VERSION_ROOT}/sobjects/:object/:id`, {
    GET: (call) => {
      const entity = entityOf(call)
      return show(call, entity, locate(store, entity, pathParam(call, 'id')))
    },
    PATCH: async (call) => {
      update(entityOf(call), pathParam(call, 'id'), await readObject(call), writeContext(call, context, org))
      return new Response(null, { status: 204 })
    },
    DELETE: (call) => {
      remove(entityOf(call), pathParam(call, 'id'), writeContext(call, context, org))
      return new Response(null, { status: 204 })
    },
  })
  resource(app, `${VERSION_ROOT}/sobjects/:object/:field/:value`, {
    GET: (call) => {
      const entity = entityOf(call)
      const row = locateByField(store, entity, pathParam(call, 'field'), pathParam(call, 'value'))[0]
      if (row === undefined) throw nothingHere()
      return show(call, entity, row)
    },
    PATCH: async (call) => {
      const [field, value] = [pathParam(call, 'field'), pathParam(call, 'value')]
      const body = await readObject(call)
      const { id, created } = upsert(entityOf(call), field, value, body, writeContext(call, context, org))
      return json({ id, success: true, errors: [], created }, created ? 201 : 200)
    },
  })
}

/** Who writes now, and whether he may write duplicates. */
export function writeContext(call: Call, context: VendorContext, org: Org): WriteContext {
  return {
    store: org.store,
    writer: { userId: org.runningUserId, now: context.now() },
    root: rootOf(call),
    allowDuplicates: allowsDuplicates(call.req.header('sforce-duplicate-rule-header')),
  }
}
