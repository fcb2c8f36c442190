/**
 * @module
 * Objects one at a time, in pages, and by search, under version 3 and the date versions alike.
 */
import { Hono } from 'hono'
import type { VendorEnv } from '../vendor.ts'
import type { ObjectType } from './object-type.ts'
import { archiveRecord, createRecord, getRecord, updateRecord } from './objects.ts'
import { bodyOf, type Call, limitIn, listIn, needScope, nextPage, type Portal, textsIn, typeIn } from './portal.ts'
import { invalid } from './problem.ts'
import { renderObject } from './render-object.ts'
import { searchObjects } from './search-objects.ts'
import { searchRequestIn } from './search-request.ts'
import { type HubRecord, recordsOf } from './store.ts'

/** Routes below a prefix such as `/crm/v3/objects`. */
export function objectRoutes(portal: Portal): Hono<VendorEnv> {
  const { store, context } = portal
  const { accountId } = context.account
  const app = new Hono<VendorEnv>()

  const shown = (c: Call, type: ObjectType, record: HubRecord) => {
    const properties = [...listIn(c, 'properties'), ...listIn(c, 'propertiesWithHistory')]
    return renderObject(store, type, record, { properties, associations: listIn(c, 'associations'), accountId })
  }
  const archived = (c: Call) => c.req.query('archived') === 'true'

  app.post('/:type/search', async (c) => {
    const type = typeIn(c)
    needScope(c, type.readScope)
    const body = await bodyOf(c)
    const { total, records, next } = searchObjects(store, type, searchRequestIn(body))
    const properties = textsIn(body, 'properties')
    const results = records.map((record) => renderObject(store, type, record, { properties, accountId }))
    return c.json({ total, results, ...(next === undefined ? {} : { paging: { next: { after: String(next) } } }) })
  })

  app.get('/:type', (c) => {
    const type = typeIn(c)
    needScope(c, type.readScope)
    const limit = limitIn(c, 10, c.req.query('propertiesWithHistory') ? 50 : 100)
    const after = c.req.query('after') || '0'
    if (!/^\d+$/.test(after)) throw invalid(`Invalid paging cursor: ${JSON.stringify(after)}`)
    const rest = [...recordsOf(store, type).values()].filter(
      (record) => (record.archivedAt !== undefined) === archived(c) && Number(record.id) > Number(after),
    )
    const page = rest.slice(0, limit)
    const last = rest.length > limit ? page.at(-1) : undefined
    const results = page.map((record) => shown(c, type, record))
    return c.json({ results, ...(last ? { paging: nextPage(portal, c, last.id) } : {}) })
  })

  app.get('/:type/:id', (c) => {
    const type = typeIn(c)
    needScope(c, type.readScope)
    const options = { idProperty: c.req.query('idProperty'), archived: archived(c) }
    return c.json(shown(c, type, getRecord(portal, type, c.req.param('id'), options)))
  })

  app.post('/:type', async (c) => {
    const type = typeIn(c)
    needScope(c, type.writeScope)
    const record = createRecord(portal, type, await bodyOf(c))
    return c.json(renderObject(store, type, record, { properties: [...record.values.keys()], accountId }), 201)
  })

  app.patch('/:type/:id', async (c) => {
    const type = typeIn(c)
    needScope(c, type.writeScope)
    const body = await bodyOf(c)
    const record = getRecord(portal, type, c.req.param('id'), { idProperty: c.req.query('idProperty') })
    updateRecord(portal, type, record, body)
    return c.json(renderObject(store, type, record, { properties: [...record.values.keys()], accountId }))
  })

  app.delete('/:type/:id', (c) => {
    const type = typeIn(c)
    needScope(c, type.writeScope)
    archiveRecord(portal, type, c.req.param('id'))
    return c.body(null, 204)
  })
  return app
}
