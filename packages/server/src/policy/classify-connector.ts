/**
 * @module
 * A connector as the operator has classified its fields: what a question reads has the classes that are said of it too,
 * so that what answers hide cannot be asked about either.
 */
import type { Connector, InputField, Method } from '@quartermaster/connectors'
import { isRead, type PiiAction, strictest } from '@quartermaster/protocol'
import type { Classification } from './classification.ts'
import type { Asked } from './may-ask.ts'
import { type FieldClass, type FieldClasses, nothingClassified } from './view.ts'

/** The connector as a tenant has it. */
export type ClassifiedConnector = (tenant: string, connector: Connector) => Connector

type ByResource = (resource: string) => FieldClasses

/** As many rule sets of a system as are kept; few tenants have rules of their own. */
const MOST_KEPT = 200

/** @param classification What the operator says as of now. The same rules give the same connector. */
export function connectorClassifier(classification: () => Classification): ClassifiedConnector {
  const kept = new WeakMap<Connector, { readonly said: readonly FieldClasses[]; readonly is: Connector }[]>()
  return (tenant, connector) => {
    const rules = classification()
    const resources = [...new Set(connector.methods.map(({ resource }) => resource))]
    const said = resources.map((resource) => rules.of(tenant, connector.id, resource))
    if (said.every((one) => one === nothingClassified)) return connector
    const known = kept.get(connector) ?? []
    kept.set(connector, known)
    const same = known.find((one) => one.said.every((classes, at) => classes === said[at]))
    if (same) return same.is
    const byResource = new Map(resources.map((resource, at) => [resource, said[at] ?? nothingClassified]))
    const is = classified(connector, (resource) => byResource.get(resource) ?? nothingClassified)
    known.unshift({ said, is })
    known.splice(MOST_KEPT)
    return is
  }
}

function classified(connector: Connector, said: ByResource): Connector {
  return Object.freeze({ ...connector, methods: connector.methods.map((method) => classifyMethod(method, said)) })
}

function classifyMethod(method: Method, said: ByResource): Method {
  const ofId = about(['id'], method.resource, said)
  return {
    ...method,
    input: method.input.map((field) => classifyField(field, method, said)),
    ...(ofId.filters.length > 0 ? { idFilters: ofId.filters } : {}),
    ...(ofId.ceiling ? { idCeiling: ofId.ceiling } : {}),
    forAccount: (fields) => classifyMethod(method.forAccount(fields), said),
  }
}

function classifyField(field: InputField, { kind, resource }: Method, said: ByResource): InputField {
  const { customField, reads, narrows, valueReads } = field
  if (customField !== undefined && isRead(kind))
    return { ...field, ...aboutOwn(said(resource).custom.get(customField), field) }
  const withMore = <T extends Asked>(one: T, paths: readonly string[]): T => {
    const more = about(paths, resource, said)
    return { ...one, ...more, filters: [...new Set([...one.filters, ...more.filters])] }
  }
  const own = reads ? withMore(field, reads) : field
  return {
    ...own,
    ...(narrows ? { narrows: narrows.map((part) => withMore(part, part.reads)) } : {}),
    ...(valueReads ? valuesWithMore(field, valueReads, (path) => about([path], resource, said)) : {}),
  }
}

/** A value that something is put over is none that anybody may ask with. */
function valuesWithMore(
  { enum: values = [], valueFilters = {} }: InputField,
  reads: { readonly [value: string]: string },
  moreOf: (path: string) => Asked,
): Pick<InputField, 'enum' | 'valueFilters'> {
  const asked = values.map((value) => {
    const { filters, ceiling } = moreOf(reads[value] ?? value)
    return { value, ceiling, filters: [...new Set([...(valueFilters[value] ?? []), ...filters])] }
  })
  return {
    enum: asked.flatMap(({ value, ceiling }) => (ceiling ? [] : [value])),
    valueFilters: Object.fromEntries(asked.map(({ value, filters }) => [value, filters])),
  }
}

/** Of one of the account's custom fields nothing is known but what the operator says. */
function aboutOwn(one: FieldClass | undefined, { filters }: InputField): Asked {
  return one ? askedOf(layersOf(one)) : { filters }
}

function about(paths: readonly string[], resource: string, said: ByResource): Asked {
  const found = paths.flatMap((path) => {
    const [other, inner] = path.split(':')
    const classes = inner === undefined ? said(resource) : said(other ?? resource)
    return layersOf(classes.fields.get(inner ?? path))
  })
  return askedOf(found)
}

function askedOf(found: readonly FieldClass[]): Asked {
  const ceiling = found.reduce<PiiAction>((all, { treatment = 'keep' }) => strictest(all, treatment), 'keep')
  return { filters: found.map(({ piiClass }) => piiClass), ...(ceiling === 'keep' ? {} : { ceiling }) }
}

function layersOf(one: FieldClass | undefined): readonly FieldClass[] {
  return one ? [one, ...layersOf(one.and)] : []
}
