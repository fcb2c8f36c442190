/**
 * @module
 * What describe says about an sObject and its fields, in Salesforce's words and with every flag that clients read.
 */
import type { Entity, Schema } from './entity.ts'
import type { Field } from './field.ts'

const SOAP_TYPES: Readonly<Record<string, string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  address: 'urn:address',
}

/** One sObject as the global list shows it. */
export function describeBriefly(entity: Entity, root: string) {
  return {
    activateable: false,
    createable: entity.writable,
    custom: false,
    customSetting: false,
    deletable: entity.deletable,
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    keyPrefix: entity.keyPrefix,
    label: entity.label,
    labelPlural: entity.labelPlural,
    layoutable: entity.writable,
    mergeable: false,
    mruEnabled: false,
    name: entity.name,
    queryable: true,
    replicateable: true,
    retrieveable: true,
    searchable: entity.searchable,
    triggerable: entity.writable,
    undeletable: entity.deletable,
    updateable: entity.writable,
    urls: {
      sobject: `${root}/sobjects/${entity.name}`,
      describe: `${root}/sobjects/${entity.name}/describe`,
      rowTemplate: `${root}/sobjects/${entity.name}/{ID}`,
    },
  }
}

/** One sObject in full. */
export function describe(entity: Entity, root: string) {
  return {
    ...describeBriefly(entity, root),
    actionOverrides: [],
    childRelationships: entity.children.map((child) => ({ ...child, deprecatedAndHidden: false })),
    fields: entity.fields.map(describeField),
    namedLayoutInfos: [],
    recordTypeInfos: [],
    supportedScopes: [{ label: `All ${entity.labelPlural.toLowerCase()}`, name: 'everything' }],
  }
}

/** Every sObject of the org. */
export function describeGlobal(schema: Schema, root: string) {
  return {
    encoding: 'UTF-8',
    maxBatchSize: 200,
    sobjects: schema.entities.map((entity) => describeBriefly(entity, root)),
  }
}

function describeField(field: Field) {
  const { picklist, retired, defaultValue, ...shown } = field
  const custom = field.name.endsWith('__c')
  return {
    ...shown,
    aggregatable: field.filterable && field.type !== 'boolean',
    autoNumber: field.name === 'CaseNumber',
    byteLength: field.length * 3,
    cascadeDelete: false,
    caseSensitive: false,
    custom,
    defaultValue,
    dependentPicklist: false,
    deprecatedAndHidden: false,
    digits: field.type === 'int' ? 8 : 0,
    encrypted: false,
    htmlFormatted: false,
    namePointing: field.referenceTo.length > 1,
    permissionable: custom || (field.nillable && field.createable),
    picklistValues: [...picklist, ...retired].map((value) => ({
      active: !retired.includes(value),
      defaultValue: value === defaultValue,
      label: value,
      validFor: null,
      value,
    })),
    polymorphicForeignKey: field.referenceTo.length > 1,
    queryByDistance: field.type === 'address',
    soapType: SOAP_TYPES[field.type] ?? 'xsd:string',
  }
}
