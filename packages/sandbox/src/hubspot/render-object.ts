/**
 * @module
 * Objects as HubSpot sends them: the properties that were asked for, as text or null, and associations inline.
 */
import { kindBetween } from './association-type.ts'
import { findObjectType, type ObjectType } from './object-type.ts'
import { readValue } from './read-value.ts'
import { definitionOf, type HubRecord, type HubStore } from './store.ts'

/** What of an object is shown. */
export interface RenderOptions {
  /** Names that do not exist are left out without a word; so is everything not asked for. */
  readonly properties?: readonly string[]
  readonly associations?: readonly string[]
  readonly accountId: string
}

/** The body of one object. */
export function renderObject(store: HubStore, type: ObjectType, record: HubRecord, options: RenderOptions) {
  const { properties = [], associations = [], accountId } = options
  const asked = properties.filter((name) => definitionOf(store, type, name))
  const names = [...new Set([...(properties.length > 0 ? asked : type.defaults), ...always(type)])].sort()
  const linked = renderAssociations(store, type, record, associations)
  return {
    id: record.id,
    properties: Object.fromEntries(names.map((name) => [name, readValue(store, type, record, name)])),
    createdAt: new Date(record.createdAt).toISOString(),
    updatedAt: new Date(record.updatedAt).toISOString(),
    archived: record.archivedAt !== undefined,
    ...(record.archivedAt === undefined ? {} : { archivedAt: new Date(record.archivedAt).toISOString() }),
    url: `https://app.hubspot.com/contacts/${accountId}/record/${type.id}/${record.id}`,
    ...(linked.length > 0 ? { associations: Object.fromEntries(linked) } : {}),
  }
}

function always(type: ObjectType): string[] {
  return [type.created, type.modified, 'hs_object_id']
}

/** A primary association is listed twice: as itself and as the unlabelled one that it also is. */
function renderAssociations(store: HubStore, type: ObjectType, { id }: HubRecord, names: readonly string[]) {
  return names.flatMap((name) => {
    const to = findObjectType(name)
    const linked = to ? store.associations.linked({ type: type.name, id }, to.name) : []
    if (!to || linked.length === 0) return []
    const label = `${type.singular}_to_${to.singular}`
    const labelled = kindBetween(type.name, to.name)?.primaryId !== undefined
    const results = linked.flatMap((end) => [
      ...(end.primary || !labelled ? [{ id: end.id, type: label }] : []),
      ...(labelled ? [{ id: end.id, type: `${label}_unlabeled` }] : []),
    ])
    return [[to.name, { results }] as const]
  })
}
