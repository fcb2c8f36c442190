/**
 * @module
 * How a canonical record is declared: every field has a zod type and a PII class. A field without a class cannot be
 * written down, so a new field can never be visible to a role by accident.
 */
import { z } from 'zod'
import type { PiiClass } from '../policy.ts'

/** The class of a field, or, for a nested object, the class of each of its members. */
export type ClassTree = PiiClass | { readonly [member: string]: ClassTree }

/** A zod type together with the PII class of what it holds. */
export interface Field<T extends z.ZodType = z.ZodType> {
  readonly type: T
  readonly classes: ClassTree
}

/** A canonical record: what the agent sees, whichever system the data came from. */
export interface RecordDefinition<S extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly schema: S
  readonly classes: { readonly [field: string]: ClassTree }
}

/** A field of one class. Missing scalars are omitted from a record, so every field is optional unless told otherwise. */
export function field<T extends z.ZodType>(piiClass: PiiClass, type: T): Field<z.ZodOptional<T>> {
  return { type: type.optional(), classes: piiClass }
}

/** A field that every record has. */
export function required<T extends z.ZodType>(piiClass: PiiClass, type: T): Field<T> {
  return { type, classes: piiClass }
}

/** A nested object whose members have classes of their own. */
export function group<F extends Record<string, Field>>(
  fields: F,
): Field<z.ZodOptional<z.ZodObject<{ [K in keyof F]: F[K]['type'] }>>> {
  return { type: objectOf(fields).optional(), classes: classesOf(fields) }
}

/** A list of nested objects; the classes apply to each element. Absent in the source means `[]`. */
export function list<F extends Record<string, Field>>(
  fields: F,
): Field<z.ZodArray<z.ZodObject<{ [K in keyof F]: F[K]['type'] }>>> {
  return { type: z.array(objectOf(fields)), classes: classesOf(fields) }
}

/** Declares a canonical record. */
export function defineRecord<F extends Record<string, Field>>(
  name: string,
  fields: F,
): RecordDefinition<z.ZodObject<{ [K in keyof F]: F[K]['type'] }>> & { readonly fields: F } {
  return { name, schema: objectOf(fields), classes: classesOf(fields), fields }
}

function objectOf<F extends Record<string, Field>>(fields: F): z.ZodObject<{ [K in keyof F]: F[K]['type'] }> {
  const shape = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.type]))
  return z.strictObject(shape as { [K in keyof F]: F[K]['type'] })
}

function classesOf(fields: Record<string, Field>): { readonly [field: string]: ClassTree } {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.classes]))
}
