/**
 * @module
 * What a role could ask about a field that it cannot read, generated from the catalog: a new record, field or tool is
 * asked about without anybody adding it here.
 */
import { type Connector, loadCatalog, type Method } from '@quartermaster/connectors'
import { type ClassTree, type PiiClass, type Policy, records } from '@quartermaster/protocol'

/** Each operator as models and people write it, as arguments that name a field and a value. */
export const operators: Readonly<Record<string, (field: string, value: string) => Record<string, unknown>>> = {
  '=': (field, value) => ({ [field]: value }),
  '!=': (field, value) => ({ [`${field}_not`]: value, [`${field}__ne`]: value }),
  LIKE: (field, value) => ({ [`${field}_contains`]: value, [`${field}_like`]: `%${value}%` }),
  '>': (field, value) => ({ [`${field}_min`]: value, [`${field}_from`]: value, [`${field}_gt`]: value }),
  IN: (field, value) => ({ [`${field}_in`]: [value, 'other'] }),
  sort: (field) => ({ sort: field, sort_by: field, order_by: field, orderBy: `${field} desc` }),
  group: (field) => ({ group_by: field, groupBy: field, aggregate: field }),
  filter: (field, value) => ({
    filter: { field, operator: '=', value },
    filters: [{ property: field, operator: 'EQ', value }],
    where: `${field} = '${value}'`,
  }),
}

export interface HiddenField {
  /** As a caller may call it: the dotted path, its last word, and the arguments that filter by its class. */
  readonly name: string
  readonly path: string
  readonly piiClass: PiiClass
}

export const catalog: ReadonlyMap<string, Connector> = loadCatalog()

/** The method behind a tool. */
export function methodOf(system: string, tool: string): Method {
  const method = catalog.get(system)?.methods.find((one) => one.tool?.name === tool)
  if (!method) throw new RangeError(`${system} has no tool ${tool}`)
  return method
}

/** Names of everything that the policy does not show as it is. */
export function hiddenFields(method: Method, policy: Policy): readonly HiddenField[] {
  const leaves = leavesOf(records[method.record].classes, '').filter(({ piiClass }) => policy[piiClass] !== 'keep')
  const named = leaves.flatMap(({ path, piiClass }) => {
    const words = path.split('.')
    return [path.replaceAll('.', '_'), words.at(-1) ?? path].map((name) => ({ name, path, piiClass }))
  })
  const siblings = catalog.get(method.system)?.methods.filter(({ record }) => record === method.record) ?? []
  const filters = siblings.flatMap(({ input }) =>
    input.flatMap(({ name, filters: classes }) => {
      const piiClass = classes.find((one) => policy[one] !== 'keep')
      return piiClass ? [{ name, path: name, piiClass }] : []
    }),
  )
  const all = new Map([...named, ...filters].map((field) => [field.name, field]))
  // A word that is also the name of something readable is no name of the hidden field.
  const open = new Set(
    method.input.filter(({ filters: f }) => f.every((one) => policy[one] === 'keep')).map(({ name }) => name),
  )
  return [...all.values()].filter(({ name }) => !open.has(name) && name !== 'id')
}

/** Leaves of a record with their classes. */
export function leavesOf(
  classes: { readonly [field: string]: ClassTree },
  path: string,
): readonly { readonly path: string; readonly piiClass: PiiClass }[] {
  return Object.entries(classes).flatMap(([name, tree]) => {
    const at = path === '' ? name : `${path}.${name}`
    return typeof tree === 'string' ? [{ path: at, piiClass: tree }] : leavesOf(tree, at)
  })
}

/** The values that stand at a dotted path, through lists. */
export function valuesAt(record: unknown, path: string): readonly string[] {
  let values: readonly unknown[] = [record]
  for (const word of path.split('.')) {
    values = values.flat().flatMap((value) => {
      const member = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[word] : undefined
      return member === undefined ? [] : [member]
    })
  }
  return values
    .flat()
    .flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : [value]))
    .filter((value) => typeof value === 'string')
}
