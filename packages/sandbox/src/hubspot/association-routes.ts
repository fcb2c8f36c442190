/**
 * @module
 * Associations between records, with their labels, in the shape of version 4 and of the date versions.
 */
import { Hono } from 'hono'
import type { VendorEnv } from '../vendor.ts'
import type { Linked } from './association-store.ts'
import { kindBetween, kindOfType } from './association-type.ts'
import { answer } from './batch-routes.ts'
import type { ObjectType } from './object-type.ts'
import { getRecord } from './objects.ts'
import {
  bodyOf,
  type Call,
  isObject,
  type Json,
  limitIn,
  needScope,
  nextPage,
  objectsIn,
  type Portal,
  textIn,
  typeIn,
} from './portal.ts'
import { invalid } from './problem.ts'

/** Routes below a prefix such as `/crm/v4/objects`: the associations of one record. */
export function recordAssociationRoutes(portal: Portal): Hono<VendorEnv> {
  const { store } = portal
  const app = new Hono<VendorEnv>()
  const ends = (c: Call) => {
    const [from, to] = [typeIn(c), typeIn(c, 'toType')]
    const fromId = getRecord(portal, from, c.req.param('id') ?? '').id
    return { from, to, fromId }
  }

  app.get('/:type/:id/associations/:toType', (c) => {
    needScope(c, typeIn(c).readScope)
    const { from, to, fromId } = ends(c)
    const after = Number(c.req.query('after') ?? 0)
    const rest = store.associations
      .linked({ type: from.name, id: fromId }, to.name)
      .filter(({ id }) => Number(id) > after)
    const page = rest.slice(0, limitIn(c, 500, 500))
    const last = rest.length > page.length ? page.at(-1) : undefined
    const results = page.map((linked) => render(from, to, linked))
    return c.json({ results, ...(last ? { paging: nextPage(portal, c, last.id) } : {}) })
  })

  app.put('/:type/:id/associations/default/:toType/:toId', (c) => {
    needScope(c, typeIn(c).writeScope)
    const { from, to, fromId } = ends(c)
    const toId = getRecord(portal, to, c.req.param('toId')).id
    return answer(portal, c, associate(portal, from, fromId, to, toId), [])
  })

  app.put('/:type/:id/associations/:toType/:toId', async (c) => {
    needScope(c, typeIn(c).writeScope)
    const { from, to, fromId } = ends(c)
    const toId = getRecord(portal, to, c.req.param('toId')).id
    const labels: unknown = await c.req.json().catch(() => undefined)
    if (!Array.isArray(labels) || !labels.every(isObject))
      throw invalid('Invalid input JSON: a list of labels was expected')
    const typeIds = labels.map((label) => Number(label['associationTypeId']))
    const known = typeIds.every((typeId) => kindOfType(from.name, typeId)?.to === to.name)
    if (!known) throw invalid(`One or more association types are not valid between ${from.name} and ${to.name}`)
    const primary = typeIds.some((typeId) => typeId === kindBetween(from.name, to.name)?.primaryId)
    store.associations.link({ type: from.name, id: fromId }, { type: to.name, id: toId }, primary || undefined)
    const ids = { fromObjectTypeId: from.id, fromObjectId: fromId, toObjectTypeId: to.id, toObjectId: toId }
    return c.json({ ...ids, labels: primary ? ['Primary'] : [] }, 201)
  })

  app.delete('/:type/:id/associations/:toType/:toId', (c) => {
    needScope(c, typeIn(c).writeScope)
    const { from, to, fromId } = ends(c)
    store.associations.unlink({ type: from.name, id: fromId }, { type: to.name, id: c.req.param('toId') })
    return c.body(null, 204)
  })
  return app
}

/** Routes below a prefix such as `/crm/v4/associations`: the associations of many records. */
export function associationBatchRoutes(portal: Portal): Hono<VendorEnv> {
  const { store } = portal
  const app = new Hono<VendorEnv>()

  app.post('/:type/:toType/batch/read', async (c) => {
    const [from, to] = [typeIn(c), typeIn(c, 'toType')]
    needScope(c, from.readScope)
    const errors: Json[] = []
    const results = objectsIn(await bodyOf(c), 'inputs').flatMap((input) => {
      const id = textIn(input, 'id') ?? ''
      const linked = store.associations.linked({ type: from.name, id }, to.name)
      if (linked.length > 0) return [{ from: { id }, to: linked.map((end) => render(from, to, end)) }]
      const message = `No ${to.singular} is associated with ${from.singular} ${id}.`
      const context = { fromObjectId: [id], fromObjectType: [from.id], toObjectType: [to.id] }
      const subCategory = 'crm.associations.NO_ASSOCIATIONS_FOUND'
      errors.push({ status: 'error', category: 'OBJECT_NOT_FOUND', subCategory, message, context })
      return []
    })
    return answer(portal, c, results, errors)
  })

  app.post('/:type/:toType/batch/associate/default', async (c) => {
    const [from, to] = [typeIn(c), typeIn(c, 'toType')]
    needScope(c, from.writeScope)
    const pairs = objectsIn(await bodyOf(c), 'inputs').map((input) => {
      const [fromEnd, toEnd] = [input['from'], input['to']]
      if (!isObject(fromEnd) || !isObject(toEnd)) throw invalid('Every input needs "from" and "to"')
      return [
        getRecord(portal, from, textIn(fromEnd, 'id') ?? ''),
        getRecord(portal, to, textIn(toEnd, 'id') ?? ''),
      ] as const
    })
    return answer(
      portal,
      c,
      pairs.flatMap(([a, b]) => associate(portal, from, a.id, to, b.id)),
      [],
    )
  })
  return app
}

function associate({ store }: Portal, from: ObjectType, fromId: string, to: ObjectType, toId: string): Json[] {
  const [there, back] = [kindBetween(from.name, to.name), kindBetween(to.name, from.name)]
  const linked = store.associations.link({ type: from.name, id: fromId }, { type: to.name, id: toId })
  if (!linked || !there || !back) throw invalid(`There is no association type between ${from.name} and ${to.name}`)
  const spec = (associationTypeId: number) => ({ associationCategory: 'HUBSPOT_DEFINED', associationTypeId })
  return [
    { from: { id: fromId }, to: { id: toId }, associationSpec: spec(there.typeId) },
    { from: { id: toId }, to: { id: fromId }, associationSpec: spec(back.typeId) },
  ]
}

function render(from: ObjectType, to: ObjectType, { id, primary }: Linked): Json {
  const kind = kindBetween(from.name, to.name)
  const type = (typeId: number | undefined, label: string | null) => ({ category: 'HUBSPOT_DEFINED', typeId, label })
  return {
    toObjectId: id,
    associationTypes: [...(primary ? [type(kind?.primaryId, 'Primary')] : []), type(kind?.typeId, null)],
  }
}
