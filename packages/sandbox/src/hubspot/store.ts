/**
 * @module
 * One portal's records: objects by type, their associations, and the settings around them.
 */
import { type AssociationStore, createAssociationStore } from './association-store.ts'
import type { ObjectType } from './object-type.ts'
import type { PropertyDefinition } from './property.ts'

export interface HubStore {
  readonly objects: ReadonlyMap<string, Map<string, HubRecord>>
  readonly properties: ReadonlyMap<string, readonly PropertyDefinition[]>
  readonly associations: AssociationStore
  readonly pipelines: readonly Pipeline[]
  readonly owners: readonly Owner[]
  nextId(type: string): string
}

export interface HubRecord {
  readonly id: string
  /** What was set. Values that follow from others are not in here. */
  readonly values: Map<string, string>
  /** Epoch milliseconds. */
  readonly createdAt: number
  updatedAt: number
  archivedAt: number | undefined
}

export interface Pipeline {
  readonly objectType: string
  readonly id: string
  readonly label: string
  readonly stages: readonly PipelineStage[]
}

export interface PipelineStage {
  readonly id: string
  readonly label: string
  readonly metadata: { readonly [name: string]: string }
}

export interface Owner {
  readonly id: string
  readonly userId: number
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly archived: boolean
}

export interface StoreParts {
  readonly properties: ReadonlyMap<string, readonly PropertyDefinition[]>
  readonly pipelines: readonly Pipeline[]
  readonly owners: readonly Owner[]
  /** The id of the first record of each type. */
  readonly firstIds: { readonly [type: string]: number }
}

export function createStore({ properties, pipelines, owners, firstIds }: StoreParts): HubStore {
  const next = new Map(Object.entries(firstIds))
  return {
    objects: new Map(Object.keys(firstIds).map((type) => [type, new Map()])),
    properties,
    associations: createAssociationStore(),
    pipelines,
    owners,
    nextId(type) {
      const id = next.get(type) ?? 1
      next.set(type, id + 1)
      return String(id)
    },
  }
}

/** The records of a type, in the order of their ids. */
export function recordsOf(store: HubStore, { name }: ObjectType): Map<string, HubRecord> {
  const records = store.objects.get(name)
  if (!records) throw new RangeError(`Cannot read records: the store has no ${name}`)
  return records
}

export function definitionsOf(store: HubStore, { name }: ObjectType): readonly PropertyDefinition[] {
  return store.properties.get(name) ?? []
}

export function definitionOf(store: HubStore, type: ObjectType, name: string): PropertyDefinition | undefined {
  return definitionsOf(store, type).find((definition) => definition.name === name)
}
