/**
 * @module
 * Tool names follow one grammar for every system: `list_all_acme_contacts`, `create_an_acme_contact`.
 */
import type { MethodKind } from '@quartermaster/protocol'

export interface ToolNameInput {
  readonly kind: MethodKind
  /** The method's own name; only custom methods show it. */
  readonly method: string
  readonly prefix: string
  readonly resource: string
  readonly plural: string
}

/** The name of a method's tool, unless its documentation record says otherwise. */
export function toolName({ kind, method, prefix, resource, plural }: ToolNameInput): string {
  const article = /^[aeiou]/.test(prefix) ? 'an' : 'a'
  switch (kind) {
    case 'list':
      return `list_all_${prefix}_${plural}`
    case 'get':
      return `get_single_${prefix}_${resource}_by_id`
    case 'get_many':
      return `get_many_${prefix}_${plural}`
    case 'aggregate':
      return `summarize_${prefix}_${plural}`
    case 'search':
      return `search_${prefix}_${plural}`
    case 'create':
      return `create_${article}_${prefix}_${resource}`
    case 'update':
    case 'delete':
      return `${kind}_${article}_${prefix}_${resource}_by_id`
    case 'custom':
      return `${method}_${article}_${prefix}_${resource}`
  }
}
