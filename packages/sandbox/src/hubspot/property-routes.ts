/**
 * @module
 * The properties of an object type: read all, read one, and add a custom one.
 */
import { Hono } from 'hono'
import type { VendorEnv } from '../vendor.ts'
import { bodyOf, found, type Json, needScope, objectsIn, type Portal, textIn, typeIn } from './portal.ts'
import { invalid, Problem } from './problem.ts'
import { type PropertyDefinition, renderProperty } from './property.ts'
import { definitionOf, definitionsOf } from './store.ts'

const creatable = ['string', 'number', 'date', 'datetime', 'enumeration', 'bool'] as const

/** Routes below a prefix such as `/crm/v3/properties`. */
export function propertyRoutes({ store }: Portal): Hono<VendorEnv> {
  const app = new Hono<VendorEnv>()

  app.get('/:type', (c) => {
    const type = typeIn(c)
    needScope(c, type.readScope, `crm.schemas.${type.name}.read`)
    const { archived, dataSensitivity = 'non_sensitive' } = c.req.query()
    const none = archived === 'true' || dataSensitivity !== 'non_sensitive'
    return c.json({ results: none ? [] : definitionsOf(store, type).map(renderProperty) })
  })

  app.get('/:type/:name', (c) => {
    const type = typeIn(c)
    needScope(c, type.readScope, `crm.schemas.${type.name}.read`)
    return c.json(renderProperty(found(definitionOf(store, type, c.req.param('name')))))
  })

  app.post('/:type', async (c) => {
    const type = typeIn(c)
    needScope(c, `crm.schemas.${type.name}.write`)
    const definition = definitionIn(await bodyOf(c))
    if (definitionOf(store, type, definition.name)) {
      throw new Problem(409, {
        message: `A property named '${definition.name}' already exists.`,
        category: 'OBJECT_ALREADY_EXISTS',
      })
    }
    store.properties.get(type.name)?.push(definition)
    return c.json(renderProperty(definition), 201)
  })
  return app
}

/** @throws Problem 400 for a name or a type that HubSpot does not take. */
function definitionIn(body: Json): PropertyDefinition {
  const name = textIn(body, 'name') ?? ''
  const type = creatable.find((known) => known === body['type'])
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw invalid(`Property name ${JSON.stringify(name)} is not valid`)
  if (!type) throw invalid(`Property type ${JSON.stringify(body['type'])} is not valid`)
  const options = objectsIn(body, 'options').map((option) => {
    const value = textIn(option, 'value') ?? ''
    return { label: textIn(option, 'label') ?? value, value, hidden: option['hidden'] === true }
  })
  return {
    name,
    label: textIn(body, 'label') ?? name,
    type,
    fieldType: textIn(body, 'fieldType') ?? 'text',
    groupName: textIn(body, 'groupName') ?? 'contactinformation',
    options,
    calculated: false,
    readOnly: false,
    unique: body['hasUniqueValue'] === true,
    hubspotDefined: false,
    externalOptions: false,
    hidden: body['hidden'] === true,
  }
}
