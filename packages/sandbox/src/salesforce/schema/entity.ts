/**
 * @module
 * An sObject: its names, its id prefix, its fields and what may be done with its records.
 */
import type { Field } from './field.ts'

export interface Entity {
  readonly name: string
  readonly label: string
  readonly labelPlural: string
  /** First three characters of its records' ids. */
  readonly keyPrefix: string
  readonly writable: boolean
  readonly deletable: boolean
  readonly searchable: boolean
  readonly fields: readonly Field[]
  readonly children: readonly ChildRelationship[]
}

/** Records of another sObject that point here; the name serves nested queries. */
export interface ChildRelationship {
  readonly relationshipName: string
  readonly childSObject: string
  readonly field: string
  readonly cascadeDelete: boolean
}

/** Every sObject of one tenant's org. */
export interface Schema {
  readonly entities: readonly Entity[]
}

/** An entity by API name; Salesforce does not mind the case. */
export function findEntity(schema: Schema, name: string): Entity | undefined {
  const folded = name.toLowerCase()
  return schema.entities.find((entity) => entity.name.toLowerCase() === folded)
}

/** A field by API name; Salesforce does not mind the case. */
export function findField(entity: Entity, name: string): Field | undefined {
  const folded = name.toLowerCase()
  return entity.fields.find((field) => field.name.toLowerCase() === folded)
}

/** The parent relationship of that name (`Account`, `Owner`, `Custom__r`), as the field that holds the parent's id. */
export function findRelationship(entity: Entity, name: string): Field | undefined {
  const folded = name.toLowerCase()
  return entity.fields.find((field) => field.relationshipName?.toLowerCase() === folded)
}
