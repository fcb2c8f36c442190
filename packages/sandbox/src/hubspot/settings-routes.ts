/**
 * @module
 * What surrounds the objects: owners, pipelines and their stages, properties, and schemas of custom objects.
 */
import { Hono } from 'hono'
import type { VendorEnv } from '../vendor.ts'
import { objectTypes } from './object-type.ts'
import { dateVersions, found, limitIn, needScope, nextPage, type Portal, typeIn } from './portal.ts'
import { propertyRoutes } from './property-routes.ts'
import type { Owner, Pipeline, PipelineStage } from './store.ts'

/** When the portal's settings were made. */
const settled = { createdAt: '2023-11-02T08:00:00.000Z', updatedAt: '2024-02-20T16:45:00.000Z' } as const

const readScopes = [...new Set(objectTypes.map((type) => type.readScope))]

/** Settings under version 3 and the date versions; paths are absolute. */
export function settingsRoutes(portal: Portal): Hono<VendorEnv> {
  const { store } = portal
  const app = new Hono<VendorEnv>()
  const below = (area: string) => [`/crm/v3/${area}`, ...dateVersions.map((version) => `/crm/${area}/${version}`)]

  for (const path of below('owners')) {
    app.get(path, (c) => {
      needScope(c, 'crm.objects.owners.read')
      const { email, after = '0', archived } = c.req.query()
      const rest = store.owners
        .filter((owner) => owner.archived === (archived === 'true'))
        .filter((owner) => email === undefined || owner.email === email.toLowerCase())
        .filter((owner) => Number(owner.id) > Number(after))
      const page = rest.slice(0, limitIn(c, 100, 500))
      const last = rest.length > page.length ? page.at(-1) : undefined
      return c.json({ results: page.map(renderOwner), ...(last ? { paging: nextPage(portal, c, last.id) } : {}) })
    })
    app.get(`${path}/:id`, (c) => {
      needScope(c, 'crm.objects.owners.read')
      const { idProperty, archived } = c.req.query()
      const id = c.req.param('id')
      const matching = store.owners.filter(
        (owner) => (idProperty === 'userId' ? String(owner.userId) : owner.id) === id,
      )
      return c.json(renderOwner(found(matching.find((owner) => owner.archived === (archived === 'true')))))
    })
  }

  for (const path of below('pipelines')) {
    const pipelines = (type: string) => store.pipelines.filter(({ objectType }) => objectType === type)
    const pipeline = (type: string, id: string) => found(pipelines(type).find((each) => each.id === id))
    app.get(`${path}/:type`, (c) => {
      needScope(c, ...readScopes, 'crm.objects.owners.read')
      return c.json({ results: pipelines(typeIn(c).name).map(renderPipeline) })
    })
    app.get(`${path}/:type/:pipeline`, (c) => {
      needScope(c, ...readScopes, 'crm.objects.owners.read')
      return c.json(renderPipeline(pipeline(typeIn(c).name, c.req.param('pipeline'))))
    })
    app.get(`${path}/:type/:pipeline/stages`, (c) => {
      needScope(c, ...readScopes, 'crm.objects.owners.read')
      return c.json({ results: pipeline(typeIn(c).name, c.req.param('pipeline')).stages.map(renderStage) })
    })
    app.get(`${path}/:type/:pipeline/stages/:stage`, (c) => {
      needScope(c, ...readScopes, 'crm.objects.owners.read')
      const { stages } = pipeline(typeIn(c).name, c.req.param('pipeline'))
      const index = stages.findIndex(({ id }) => id === c.req.param('stage'))
      return c.json(renderStage(found(stages[index]), index))
    })
  }

  for (const path of below('properties')) app.route(path, propertyRoutes(portal))

  for (const version of ['v3', ...dateVersions]) {
    const path = version === 'v3' ? '/crm-object-schemas/v3/schemas' : `/crm-object-schemas/${version}/schemas`
    app.get(path, (c) => {
      needScope(c, 'crm.schemas.custom.read', 'crm.objects.custom.read')
      return c.json({ results: [] })
    })
  }
  return app
}

function renderOwner({ id, email, firstName, lastName, userId, archived }: Owner) {
  return {
    id,
    email,
    type: 'PERSON',
    firstName,
    lastName,
    userId: archived ? null : userId,
    userIdIncludingInactive: userId,
    ...settled,
    archived,
    teams: [{ id: '11', name: 'Sales', primary: true }],
  }
}

function renderPipeline({ id, label, stages }: Pipeline) {
  return { id, label, displayOrder: 0, ...settled, archived: false, stages: stages.map(renderStage) }
}

function renderStage({ id, label, metadata }: PipelineStage, displayOrder: number) {
  const writePermissions = 'CRM_PERMISSIONS_ENFORCEMENT'
  return { id, label, displayOrder, metadata, ...settled, archived: false, writePermissions }
}
