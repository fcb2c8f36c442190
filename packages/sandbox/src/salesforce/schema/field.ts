/**
 * @module
 * A field of an sObject as describe shows it, and short ways to write the usual kinds.
 */

export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'email'
  | 'phone'
  | 'url'
  | 'picklist'
  | 'reference'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'address'

/** What of a field a query, a write or describe needs to know. Lengths are in characters. */
export interface Field {
  readonly name: string
  readonly label: string
  readonly type: FieldType
  readonly length: number
  readonly precision: number
  readonly scale: number
  readonly nillable: boolean
  readonly createable: boolean
  readonly updateable: boolean
  readonly filterable: boolean
  readonly sortable: boolean
  readonly groupable: boolean
  readonly calculated: boolean
  readonly externalId: boolean
  readonly unique: boolean
  readonly idLookup: boolean
  readonly nameField: boolean
  readonly defaultedOnCreate: boolean
  readonly restrictedPicklist: boolean
  readonly picklist: readonly string[]
  /** Values that old records may have and new ones cannot; describe calls them inactive. */
  readonly retired: readonly string[]
  readonly referenceTo: readonly string[]
  readonly relationshipName: string | null
  readonly compoundFieldName: string | null
  readonly inlineHelpText: string | null
  /** Taken when a new record does not say; null when there is none. */
  readonly defaultValue: string | number | boolean | null
}

/** A field of `type` with the flags that such a field usually has; `but` overrides them. */
export function field(name: string, type: FieldType, but: Partial<Field> = {}): Field {
  const long = type === 'textarea' && (but.length ?? 255) > 255
  return {
    name,
    label: labelOf(name),
    type,
    length: defaultLength(type),
    precision: type === 'currency' || type === 'double' ? 18 : type === 'percent' ? 3 : 0,
    scale: type === 'currency' ? 2 : 0,
    nillable: type !== 'boolean',
    createable: true,
    updateable: true,
    filterable: !long && type !== 'address',
    sortable: !long && type !== 'address',
    groupable: !['textarea', 'address', 'currency', 'double', 'percent', 'datetime'].includes(type),
    calculated: false,
    externalId: false,
    unique: false,
    idLookup: false,
    nameField: false,
    defaultedOnCreate: type === 'boolean',
    restrictedPicklist: false,
    picklist: [],
    retired: [],
    referenceTo: [],
    relationshipName: null,
    compoundFieldName: null,
    inlineHelpText: null,
    defaultValue: type === 'boolean' ? false : null,
    ...but,
  }
}

/** A foreign key; the relationship is named like the field without its `Id`. */
export function reference(name: string, to: readonly string[], but: Partial<Field> = {}): Field {
  return field(name, 'reference', { referenceTo: to, relationshipName: name.replace(/Id$/, ''), ...but })
}

/** A field that callers may read but not write. */
export function readOnly(name: string, type: FieldType, but: Partial<Field> = {}): Field {
  return field(name, type, { createable: false, updateable: false, ...but })
}

/** The five parts of an address and the compound that shows them together. */
export function addressFields(prefix: string): readonly Field[] {
  const compoundFieldName = `${prefix}Address`
  return [
    field(`${prefix}Street`, 'textarea', { length: 255, compoundFieldName }),
    field(`${prefix}City`, 'string', { length: 40, compoundFieldName }),
    field(`${prefix}State`, 'string', { length: 80, compoundFieldName }),
    field(`${prefix}PostalCode`, 'string', { length: 20, compoundFieldName }),
    field(`${prefix}Country`, 'string', { length: 80, compoundFieldName }),
    readOnly(compoundFieldName, 'address'),
  ]
}

/** What every sObject has. */
export const systemFields: readonly Field[] = [
  readOnly('Id', 'id', { nillable: false, idLookup: true, defaultedOnCreate: true, label: 'Record ID' }),
  readOnly('IsDeleted', 'boolean', { label: 'Deleted' }),
  readOnly('CreatedDate', 'datetime', { nillable: false, defaultedOnCreate: true }),
  readOnly('CreatedById', 'reference', auditor('CreatedBy')),
  readOnly('LastModifiedDate', 'datetime', { nillable: false, defaultedOnCreate: true }),
  readOnly('LastModifiedById', 'reference', auditor('LastModifiedBy')),
  readOnly('SystemModstamp', 'datetime', { nillable: false, defaultedOnCreate: true }),
]

/** Who owns the record; the running user when a new record does not say. */
export const ownerField: Field = reference('OwnerId', ['User'], { nillable: false, defaultedOnCreate: true })

function auditor(relationshipName: string): Partial<Field> {
  return { referenceTo: ['User'], relationshipName, nillable: false, defaultedOnCreate: true }
}

function defaultLength(type: FieldType): number {
  if (type === 'id' || type === 'reference') return 18
  if (type === 'email') return 80
  if (type === 'phone') return 40
  return type === 'string' || type === 'textarea' || type === 'picklist' || type === 'url' ? 255 : 0
}

function labelOf(name: string): string {
  return name
    .replace(/__c$/, '')
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/ Id$/, ' ID')
}
