/**
 * @module
 * The tools of a URL, derived from the connector: documented methods that its configuration, the grant's scopes and
 * its policy let through. Nothing that is not in the result exists for the caller.
 */
import type { Connector, Method } from '@quartermaster/connectors'
import { type McpServerConfig, matchesPatterns, policies, selectsMethod } from '@quartermaster/protocol'
import { annotationsFor } from './annotations.ts'
import { inputSchemaFor } from './input-schema.ts'
import type { Tool } from './tool.ts'

/** Derivations kept per connector; the least recently used one goes first. */
const CACHED_DERIVATIONS = 256

const derivations = new WeakMap<Connector, Map<string, readonly Tool[]>>()

/**
 * Derives the tools in catalog order. The same connector, configuration and scopes give the same array.
 *
 * @param scopes What the system says it granted; undefined when it does not say, and then no tool is left out for it.
 */
export function deriveTools(
  connector: Connector,
  config: McpServerConfig,
  scopes: readonly string[] | undefined,
): readonly Tool[] {
  const known = derivations.get(connector) ?? new Map<string, readonly Tool[]>()
  derivations.set(connector, known)
  const key = JSON.stringify([
    config.methods,
    config.tags,
    config.only,
    config.without,
    config.pii,
    config.writable,
    config.resolve_pseudonyms,
    scopes && [...scopes].sort(),
  ])
  const tools = known.get(key) ?? Object.freeze(derive(connector, config, scopes))
  known.delete(key)
  known.set(key, tools)
  for (const oldest of known.keys()) {
    if (known.size <= CACHED_DERIVATIONS) break
    known.delete(oldest)
  }
  return tools
}

function derive(connector: Connector, config: McpServerConfig, scopes: readonly string[] | undefined): Tool[] {
  const tools = new Map<string, Tool>()
  for (const method of connector.methods) {
    const tool = isSelected(method, config, scopes) ? toTool(method, config) : undefined
    if (tool && !tools.has(tool.name)) tools.set(tool.name, tool)
  }
  return [...tools.values()]
}

function isSelected(method: Method, config: McpServerConfig, scopes: readonly string[] | undefined): boolean {
  if (!selectsMethod(config.methods, method)) return false
  if (config.tags && !config.tags.some((tag) => method.tags.includes(tag))) return false
  return scopes === undefined || method.scopes.every((scope) => scopes.includes(scope))
}

function toTool(method: Method, config: McpServerConfig): Tool | undefined {
  const docs = method.tool
  if (!docs || !matchesPatterns(config, docs.name)) return undefined
  const inputSchema = inputSchemaFor(method, policies[config.pii], config)
  if (!inputSchema) return undefined
  const { system, resource, kind, tags } = method
  return Object.freeze({
    name: docs.name,
    description: docs.description,
    inputSchema,
    annotations: annotationsFor(kind, docs.title),
    meta: { system, resource, kind, tags },
    method,
  })
}
