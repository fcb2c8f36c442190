/**
 * @module
 * What an operator says fields hold: a closed file, read whole or not at all. A field of an account's own that it does
 * not name stays unclassified, and only roles that see everything see that.
 */
import { type Connector, readYaml } from '@quartermaster/connectors'
import {
  type ClassTree,
  type PiiAction,
  piiActions,
  piiClasses,
  type RecordName,
  records,
  summarySources,
} from '@quartermaster/protocol'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { type FieldClass, type FieldClasses, nothingClassified } from './view.ts'

export interface Classification {
  /** What is said for a resource of a tenant's accounts in a system. The same arguments give the same object. */
  of(tenant: string, system: string, resource: string): FieldClasses
}

export interface ClassificationFault {
  /** Dotted, from the top of the file. */
  readonly path: string
  readonly problem: string
}

/** A file that cannot be used, with everything that is wrong with it. */
export class ClassificationInvalid extends Error {
  override readonly name = 'ClassificationInvalid'
  readonly faults: readonly ClassificationFault[]

  constructor(faults: readonly ClassificationFault[]) {
    const lines = faults.map(({ path, problem }) => `  ${path === '' ? '(file)' : path}: ${problem}`)
    super(`Cannot read the classification: ${faults.length} faults\n${lines.join('\n')}`)
    this.faults = faults
  }
}

export const noClassification: Classification = { of: () => nothingClassified }

const classes = piiClasses.filter((one) => one !== 'unclassified')
const piiClass = z.enum(classes)
const said = z.union([piiClass, z.strictObject({ class: piiClass, treatment: z.enum(piiActions).optional() })], {
  error: `must be one of ${classes.join(', ')}, or { class: …, treatment: ${piiActions.join(' | ')} }`,
})
const fieldName = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,99}$/, 'is not the name of a field')
const resource = z.strictObject({
  fields: z.record(z.string(), said).default({}),
  custom_fields: z.record(fieldName, said).default({}),
})
const file = z.strictObject({
  format: z.literal(1),
  /** By tenant, `*` for all; what is said for one tenant stands before what is said for all. */
  tenants: z.record(z.string().min(1).max(120), z.record(z.string(), z.record(z.string(), resource))),
})

type Said = z.infer<typeof said>
type ResourceFile = z.infer<typeof resource>

const EVERYBODY = '*'
const MAX_REMEMBERED = 10_000

/** @throws ClassificationInvalid with every fault of the file. */
export function parseClassification(text: string, catalog: ReadonlyMap<string, Connector>): Classification {
  const yaml = readYaml(text)
  if (!yaml.ok) throw new ClassificationInvalid(yaml.faults)
  const parsed = file.safeParse(yaml.value)
  if (!parsed.success) {
    throw new ClassificationInvalid(
      parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), problem: message })),
    )
  }
  const { tenants } = parsed.data
  const faults = Object.entries(tenants).flatMap(([tenant, systems]) => checkSystems(tenant, systems, catalog))
  if (faults.length > 0) throw new ClassificationInvalid(faults)

  const remembered = new LRUCache<string, FieldClasses>({ max: MAX_REMEMBERED })
  return {
    of(tenant, system, name) {
      // Tenants of whom nothing is said in particular share one object.
      const key = JSON.stringify([own(tenants, tenant) ? tenant : EVERYBODY, system, name])
      const before = remembered.get(key)
      if (before) return before
      const layers = [EVERYBODY, tenant].flatMap((who) => own(own(own(tenants, who), system), name) ?? [])
      const found = merged(layers)
      remembered.set(key, found)
      return found
    },
  }
}

/** Names come from outside: none of them may find what every object has. */
function own<T>(object: Record<string, T> | undefined, name: string): T | undefined {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined
}

function merged(layers: readonly ResourceFile[]): FieldClasses {
  if (layers.length === 0) return nothingClassified
  const read = (pick: (layer: ResourceFile) => Record<string, Said>) =>
    new Map(layers.flatMap((layer) => Object.entries(pick(layer)).map(([name, one]) => [name, fieldClass(one)])))
  return { fields: withSummaries(read(({ fields }) => fields)), custom: read(({ custom_fields: custom }) => custom) }
}

/** What is said of a field holds for what sums it up, and for groups by it. */
function withSummaries(fields: ReadonlyMap<string, FieldClass>): FieldClasses['fields'] {
  const inherited = Object.values(summarySources)
    .flatMap((sources) => Object.entries(sources))
    .flatMap(([field, source]): [string, FieldClass][] => {
      const said = field === source ? undefined : fields.get(source)
      const own = fields.get(field)
      if (!said) return []
      return [[field, own ? { ...own, and: said } : said]]
    })
  return new Map([...fields, ...inherited])
}

function fieldClass(one: Said): FieldClass {
  if (typeof one === 'string') return { piiClass: one }
  return { piiClass: one.class, ...(one.treatment ? { treatment: one.treatment satisfies PiiAction } : {}) }
}

function checkSystems(
  tenant: string,
  systems: Record<string, Record<string, ResourceFile>>,
  catalog: ReadonlyMap<string, Connector>,
): readonly ClassificationFault[] {
  return Object.entries(systems).flatMap(([system, resources]) => {
    const at = `tenants.${tenant}.${system}`
    const connector = catalog.get(system)
    if (!connector) return [{ path: at, problem: `no such system; there are ${[...catalog.keys()].join(', ')}` }]
    const known = recordsOf(connector)
    return Object.entries(resources).flatMap(([name, { fields }]) =>
      checkFields(`${at}.${name}`, known.get(name), Object.keys(fields), [...known.keys()]),
    )
  })
}

/** A resource can be answered with several records: itself, and what sums it up. */
function recordsOf({ methods }: Connector): ReadonlyMap<string, ReadonlySet<RecordName>> {
  const known = new Map<string, Set<RecordName>>()
  for (const { resource, record } of methods) known.set(resource, (known.get(resource) ?? new Set()).add(record))
  return known
}

function checkFields(
  path: string,
  of: ReadonlySet<RecordName> | undefined,
  fields: readonly string[],
  resources: readonly string[],
): readonly ClassificationFault[] {
  if (!of) return [{ path, problem: `no such resource; there are ${resources.join(', ')}` }]
  return fields
    .filter((field) => ![...of].some((record) => isLeaf(records[record].classes, field.split('.'))))
    .map((field) => ({ path: `${path}.fields.${field}`, problem: `${[...of].join(' and ')} has no such field` }))
}

function isLeaf(tree: ClassTree, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return typeof tree === 'string'
  if (typeof tree === 'string' || !Object.hasOwn(tree, name)) return false
  const inner = tree[name]
  return inner !== undefined && inner !== 'unclassified' && isLeaf(inner, rest)
}
