/**
 * @module
 * The kinds of methods a resource can have, and the words with which a URL selects among them.
 */
export const methodKinds = [
  'list',
  'get',
  'get_many',
  'search',
  'aggregate',
  'create',
  'update',
  'delete',
  'custom',
] as const
export type MethodKind = (typeof methodKinds)[number]

/** Words for groups of kinds; `methods: ["read"]` is how the guide asks for a read-only URL. */
export const methodGroups = {
  read: ['list', 'get', 'get_many', 'search', 'aggregate'],
  write: ['create', 'update', 'delete'],
} as const satisfies Record<string, readonly MethodKind[]>

/** True when `selection` (groups, kinds or method names) admits a method. An empty selection admits nothing. */
export function selectsMethod(selection: readonly string[], method: { kind: MethodKind; name: string }): boolean {
  return selection.some((word) => {
    if (word === method.kind || word === method.name) return true
    return (
      Object.hasOwn(methodGroups, word) &&
      (methodGroups[word as keyof typeof methodGroups] as readonly string[]).includes(method.kind)
    )
  })
}

export function isRead(kind: MethodKind): boolean {
  return (methodGroups.read as readonly string[]).includes(kind)
}
