/**
 * @module
 * The tools of a URL, derived from the connector: documented methods that its configuration, the grant's scopes and
 * its policy let through. Nothing that is not in the result exists for the caller.
 */
import type { Connector } from '@quartermaster/connectors'
import type { McpServerConfig } from '@quartermaster/protocol'
import { LRUCache } from 'lru-cache'
import { selectMethods } from './select-methods.ts'
import type { Tool } from './tool.ts'

/** Derivations kept per connector; the least recently used one goes first. */
const CACHED_DERIVATIONS = 256

const derivations = new WeakMap<Connector, LRUCache<string, readonly Tool[]>>()

/**
 * Derives the tools in catalog order. The same connector, configuration and scopes give the same array.
 *
 * @param scopes What the system says it granted; undefined when it does not say, and then no tool is left out for it.
 * @param ancestorConfigs The configurations that a derived URL comes from: each of them must admit a tool and its arguments too.
 */
export function deriveTools(
  connector: Connector,
  config: McpServerConfig,
  scopes: readonly string[] | undefined,
  ancestorConfigs: readonly McpServerConfig[] = [],
): readonly Tool[] {
  const known = derivations.get(connector) ?? new LRUCache<string, readonly Tool[]>({ max: CACHED_DERIVATIONS })
  derivations.set(connector, known)
  const configs = [config, ...ancestorConfigs]
  const key = JSON.stringify([configs.map(rulesOf), scopes && [...scopes].sort()])
  const tools = known.get(key) ?? Object.freeze(derive(connector, configs, scopes))
  known.set(key, tools)
  return tools
}

/** What of a configuration changes its tools. */
function rulesOf(config: McpServerConfig) {
  const { methods, tags, resources, only, without, pii, writable, resolve_pseudonyms } = config
  return [methods, tags, resources, only, without, pii, writable, resolve_pseudonyms]
}

function derive(
  connector: Connector,
  configs: readonly McpServerConfig[],
  scopes: readonly string[] | undefined,
): Tool[] {
  return selectMethods(connector, configs, scopes).flatMap(({ eligibility }) =>
    eligibility.ok ? [eligibility.tool] : [],
  )
}
