/**
 * @module
 * One portal's records: objects by type, their associations, and the settings around them.
 */
import { type AssociationStore, createAssociationStore } from './association-store.ts'
import type { ObjectType } from './object-type.ts'
import type { PropertyDefinition } from './property.ts'

/** Everything in a portal. Types are plural names. */
export interface HubStore {
  readonly objects: ReadonlyMap<string, Map<string, HubRecord>>
  readonly properties: ReadonlyMap<string, PropertyDefinition[]>
  readonly associations: AssociationStore
  readonly pipelines: readonly Pipeline[]
  readonly owners: readonly Owner[]
  nextId(type: string): string
}

/** One object. */
export interface HubRecord {
  readonly id: string
  /** What was set. Values that follow from others are not in here. */
  readonly values: Map<string, string>
  /** Epoch milliseconds. */
  readonly createdAt: number
  updatedAt: number
  archivedAt: number | undefined
}

/** A pipeline of one object type. */
export interface Pipeline {
  readonly objectType: string
  readonly id: string
  readonly label: string
  readonly stages: readonly PipelineStage[]
}

/** A stage; its metadata are texts, as on the wire. */
export interface PipelineStage {
  readonly id: string
  readonly label: string
  readonly metadata: { readonly [name: string]: string }
}

/** Somebody whom records can belong to. */
export interface Owner {
  readonly id: string
  readonly userId: number
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly archived: boolean
}

/** What a store starts with. */
export interface StoreContents {
  readonly properties: ReadonlyMap<string, readonly PropertyDefinition[]>
  readonly pipelines: readonly Pipeline[]
  readonly owners: readonly Owner[]
  /** The id of the first record of each type. */
  readonly firstIds: { readonly [type: string]: number }
}

/** A store with settings and without objects. */
export function createStore({ properties, pipelines, owners, firstIds }: StoreContents): HubStore {
  const next = new Map(Object.entries(firstIds))
  return {
    objects: new Map(Object.keys(firstIds).map((type) => [type, new Map()])),
    properties: new Map([...properties].map(([type, definitions]) => [type, [...definitions]])),
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

/** The properties of a type, built-in ones first. */
export function definitionsOf(store: HubStore, { name }: ObjectType): readonly PropertyDefinition[] {
  return store.properties.get(name) ?? []
}

/** `undefined` when the type has no such property. */
export function definitionOf(store: HubStore, type: ObjectType, name: string): PropertyDefinition | undefined {
  return definitionsOf(store, type).find((definition) => definition.name === name)
}
