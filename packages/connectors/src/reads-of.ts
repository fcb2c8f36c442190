/**
 * @module
 * Which canonical fields an argument filters by.
 */
import type { ClassTree } from '@quartermaster/protocol'
import type { ArgumentFile } from './connector-file.ts'

type Classes = { readonly [field: string]: ClassTree }

/** As the file says, else as the argument's name says it; undefined when it filters by nothing, or nobody says. */
export function readsOf(
  name: string,
  { filters, reads }: Pick<ArgumentFile, 'filters' | 'reads'>,
  classes: Classes,
): readonly string[] | undefined {
  if (reads || filters.length === 0) return reads
  const bare = name.replace(/_(?:min|max|from|to)$/, '')
  const candidates = [name, bare, name.replace(/_id$/, '.id'), name === 'email' ? 'email_addresses.email' : name]
  const read = candidates.find((path) => isLeaf(classes, path))
  return read === undefined ? undefined : [read]
}

/** True for a dotted path that ends at one field with one class. */
export function isLeaf(classes: Classes, path: string): boolean {
  let tree: ClassTree | undefined = classes
  for (const word of path.split('.')) {
    tree = typeof tree === 'object' && Object.hasOwn(tree, word) ? tree[word] : undefined
  }
  return typeof tree === 'string'
}
