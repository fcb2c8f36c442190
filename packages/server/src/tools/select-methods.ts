/**
 * @module
 * Whether a method is a tool of a URL, and if not, why. Deriving and explaining both ask here, so they cannot disagree.
 */
import type { Connector, Method } from '@quartermaster/connectors'
import { isRead, type McpServerConfig, type MethodKind, matchesPatterns, selectsMethod } from '@quartermaster/protocol'
import type { ToolLimit } from './fit-tools.ts'
import { inputSchemaFor } from './input-schema.ts'
import type { Tool, ToolAnnotations } from './tool.ts'

export type Filter = 'methods' | 'tags' | 'resources' | 'only' | 'without'

/** Why a method is no tool. The first that applies, in this order. */
export type Absence =
  /** Nobody has documented it, so nobody could use it well. */
  | { readonly why: 'no_record' }
  /** Another documented method has the name already. */
  | { readonly why: 'name_taken' }
  /** The configuration leaves it out, by these members. */
  | { readonly why: 'filtered'; readonly by: readonly Filter[] }
  /** The grant lacks these. */
  | { readonly why: 'missing_scope'; readonly missing_scopes: readonly string[] }
  /** It requires arguments that ask about what the policy hides. */
  | { readonly why: 'policy'; readonly arguments: readonly string[] }
  /** It could set nothing, or not what it must: the arguments it requires and may not set. */
  | { readonly why: 'nothing_writable'; readonly arguments: readonly string[] }
  /** Its place in the order is beyond a budget of the URL. */
  | { readonly why: 'over_budget'; readonly by: readonly ToolLimit[] }

export type Eligibility = { readonly ok: true; readonly tool: Tool } | { readonly ok: false; readonly absence: Absence }

export interface MethodEligibility {
  readonly method: Method
  readonly eligibility: Eligibility
}

/** Every method in catalog order. A tool is what all of `configs` admit. */
export function selectMethods(
  connector: Connector,
  configs: readonly McpServerConfig[],
  scopes: readonly string[] | undefined,
): readonly MethodEligibility[] {
  // The first has the name whether or not it is admitted: no filter can put another method in its place.
  const owners = new Map<string, Method>()
  for (const method of connector.methods) {
    if (method.tool && !owners.has(method.tool.name)) owners.set(method.tool.name, method)
  }
  return connector.methods.map((method) => {
    const isShadowed = method.tool !== undefined && owners.get(method.tool.name) !== method
    return { method, eligibility: isShadowed ? absent({ why: 'name_taken' }) : eligibilityOf(method, configs, scopes) }
  })
}

function eligibilityOf(
  method: Method,
  configs: readonly McpServerConfig[],
  scopes: readonly string[] | undefined,
): Eligibility {
  const docs = method.tool
  if (!docs) return absent({ why: 'no_record' })
  const by = [...new Set(configs.flatMap((config) => filtersOf(config, method, docs.name)))]
  if (by.length > 0) return absent({ why: 'filtered', by })
  const missing = scopes === undefined ? [] : method.scopes.filter((scope) => !scopes.includes(scope))
  if (missing.length > 0) return absent({ why: 'missing_scope', missing_scopes: missing })
  const input = inputSchemaFor(method, configs)
  if (!input.ok) return absent({ why: input.why, arguments: input.arguments })
  const { system, resource, kind, tags } = method
  const tool = Object.freeze({
    name: docs.name,
    description: docs.description,
    inputSchema: input.schema,
    annotations: annotationsFor(kind, docs.title),
    meta: { system, resource, kind, tags },
    method,
  })
  return { ok: true, tool }
}

function filtersOf(config: McpServerConfig, method: Method, name: string): readonly Filter[] {
  const { tags, resources, only, without } = config
  return [
    ...(selectsMethod(config.methods, method) ? [] : (['methods'] as const)),
    ...(!tags || tags.some((tag) => method.tags.includes(tag)) ? [] : (['tags'] as const)),
    ...(resources?.includes(method.resource) === false ? (['resources'] as const) : []),
    ...(matchesPatterns({ only }, name) ? [] : (['only'] as const)),
    ...(matchesPatterns({ without }, name) ? [] : (['without'] as const)),
  ]
}

function absent(absence: Absence): Eligibility {
  return { ok: false, absence }
}

/**
 * What a client may assume of a tool before calling it. Clients ask a human, repeat a call or refuse it on these hints,
 * so every tool has all of them. A custom method may do anything, so it is announced as the worst case. `openWorldHint` is
 * always true: the data comes from a system outside, written by people outside.
 */
function annotationsFor(kind: MethodKind, title: string): ToolAnnotations {
  return {
    title,
    readOnlyHint: isRead(kind),
    destructiveHint: kind === 'update' || kind === 'delete' || kind === 'custom',
    idempotentHint: isRead(kind) || kind === 'update' || kind === 'delete',
    openWorldHint: true,
  }
}
