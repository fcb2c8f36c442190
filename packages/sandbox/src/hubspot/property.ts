/**
 * @module
 * Property definitions, as the properties API shows them.
 */

/** A value that an enumeration allows. */
export interface PropertyOption {
  readonly label: string
  readonly value: string
  /** Not offered any more; records may still have it. */
  readonly hidden?: boolean
}

/** A property of an object type. */
export interface PropertyDefinition {
  readonly name: string
  readonly label: string
  readonly type: 'string' | 'number' | 'date' | 'datetime' | 'enumeration' | 'bool' | 'phone_number'
  readonly fieldType: string
  readonly groupName: string
  readonly options: readonly PropertyOption[]
  readonly calculated: boolean
  readonly readOnly: boolean
  readonly unique: boolean
  readonly hubspotDefined: boolean
  readonly externalOptions: boolean
  readonly hidden: boolean
}

type Kind = PropertyDefinition['type'] | 'text' | 'owner'
type Extras = Partial<
  Pick<PropertyDefinition, 'options' | 'calculated' | 'readOnly' | 'unique' | 'hubspotDefined' | 'hidden'>
>

const fieldTypes: { readonly [kind in Kind]: string } = {
  string: 'text',
  text: 'textarea',
  number: 'number',
  date: 'date',
  datetime: 'date',
  enumeration: 'select',
  bool: 'booleancheckbox',
  phone_number: 'phonenumber',
  owner: 'select',
}

const truth: readonly PropertyOption[] = [
  { label: 'Yes', value: 'true' },
  { label: 'No', value: 'false' },
]

/** Defines a property; `group` is the singular of its object type. */
export function property(
  group: string,
  name: string,
  label: string,
  kind: Kind,
  extras: Extras = {},
): PropertyDefinition {
  const type = kind === 'text' ? 'string' : kind === 'owner' ? 'enumeration' : kind
  return {
    name,
    label,
    type,
    fieldType: extras.calculated ? 'calculation_equation' : fieldTypes[kind],
    groupName: `${group}information`,
    options: kind === 'bool' ? truth : [],
    calculated: false,
    readOnly: extras.calculated ?? false,
    unique: false,
    hubspotDefined: true,
    externalOptions: kind === 'owner',
    hidden: false,
    ...extras,
  }
}

/** Options whose labels are the values in sentence case. */
export function optionsOf(...values: readonly string[]): PropertyOption[] {
  return values.map((value) => {
    const words = value.toLowerCase().replaceAll('_', ' ')
    return { label: words.charAt(0).toUpperCase() + words.slice(1), value }
  })
}

/** The body that the properties API sends. */
export function renderProperty(definition: PropertyDefinition): { readonly [name: string]: unknown } {
  const { options, readOnly, unique, hubspotDefined, ...shown } = definition
  const custom = hubspotDefined
    ? { hubspotDefined }
    : { createdAt: '2025-01-15T09:00:00.000Z', updatedAt: '2025-01-15T09:00:00.000Z', createdUserId: '9001' }
  return {
    ...custom,
    ...shown,
    description: '',
    options: options.map((option, displayOrder) => ({ hidden: false, ...option, description: '', displayOrder })),
    displayOrder: -1,
    hasUniqueValue: unique,
    formField: !readOnly,
    archived: false,
    dataSensitivity: 'non_sensitive',
    modificationMetadata: {
      archivable: !hubspotDefined,
      readOnlyDefinition: hubspotDefined,
      readOnlyValue: readOnly,
      ...(options.length > 0 ? { readOnlyOptions: hubspotDefined } : {}),
    },
  }
}
