/**
 * @module
 * One tenant's records by sObject. Deleting is soft, writes can be rolled back, and computed fields are kept true.
 */
import { derive } from './derive.ts'
import { formatDatetime } from './moment.ts'
import { mintRecordId } from './record-id.ts'
import type { Row, Value } from './row.ts'
import { type Entity, findEntity, type Schema } from './schema/entity.ts'

/** Who writes, and when (epoch milliseconds). */
export interface Writer {
  readonly userId: string
  readonly now: number
}

export interface Store {
  readonly schema: Schema
  /** Every record, deleted ones included, oldest first. */
  rows(entityName: string): readonly Row[]
  /** By 18-character id; `undefined` when it never existed. */
  find(entityName: string, id: string): Row | undefined
  /** Adds a record with an id of its own, or with `values.Id`. */
  insert(entity: Entity, values: Row, writer: Writer): Row
  update(entity: Entity, id: string, changes: Row, writer: Writer): Row
  /** Marks the record deleted, and those that hang on it. */
  remove(entity: Entity, id: string, writer: Writer): void
  /** Remembers this moment; the returned function goes back to it. */
  checkpoint(): () => void
}

/** Opens an empty store; `instance` is part of every id. */
export function openStore(schema: Schema, instance: string): Store {
  const tables = new Map<string, Map<string, Row>>(schema.entities.map((entity) => [entity.name, new Map()]))
  const table = (name: string): Map<string, Row> => {
    const found = tables.get(name)
    if (found === undefined) throw new RangeError(`Cannot open the table ${name}: the schema has no such sObject`)
    return found
  }

  const store: Store = {
    schema,
    rows: (name) => [...table(name).values()],
    find: (name, id) => table(name).get(id),
    insert(entity, values, writer) {
      const rows = table(entity.name)
      const id =
        typeof values['Id'] === 'string' ? values['Id'] : mintRecordId(entity.keyPrefix, instance, rows.size + 1)
      const now = formatDatetime(writer.now)
      const row: Record<string, Value> = {}
      for (const field of entity.fields) row[field.name] = field.defaultValue
      Object.assign(row, {
        CreatedDate: now,
        CreatedById: writer.userId,
        LastModifiedDate: now,
        LastModifiedById: writer.userId,
        SystemModstamp: now,
        ...('OwnerId' in row && { OwnerId: writer.userId }),
        ...values,
        Id: id,
      })
      const complete = derive(entity, row, values, store.rows)
      rows.set(id, complete)
      return complete
    },
    update(entity, id, changes, writer) {
      const now = formatDatetime(writer.now)
      const row = {
        ...existing(entity, id),
        ...changes,
        LastModifiedDate: now,
        LastModifiedById: writer.userId,
        SystemModstamp: now,
      }
      const complete = derive(entity, row, changes, store.rows)
      table(entity.name).set(id, complete)
      return complete
    },
    remove(entity, id, writer) {
      const stamp = formatDatetime(writer.now)
      table(entity.name).set(id, { ...existing(entity, id), IsDeleted: true, SystemModstamp: stamp })
      for (const child of entity.children) {
        const childEntity = child.cascadeDelete ? findEntity(schema, child.childSObject) : undefined
        if (childEntity === undefined) continue
        for (const row of table(childEntity.name).values()) {
          const hangs = row[child.field] === id && row['IsDeleted'] === false
          if (hangs && typeof row['Id'] === 'string') store.remove(childEntity, row['Id'], writer)
        }
      }
    },
    checkpoint() {
      const copies = [...tables].map(([name, rows]) => [name, new Map(rows)] as const)
      return () => {
        for (const [name, rows] of copies) tables.set(name, rows)
      }
    },
  }

  function existing(entity: Entity, id: string): Row {
    const row = table(entity.name).get(id)
    if (row === undefined) throw new RangeError(`Cannot change a ${entity.name}: there is none with that id`)
    return row
  }
  return store
}
