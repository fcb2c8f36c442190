/**
 * @module
 * The tools of a URL with what the fields of its accounts add to them, as far as its limits and those of its ancestors go.
 */
import type { Connector } from '@quartermaster/connectors'
import type { IntegratedAccount } from '../entities/account.ts'
import { deriveTools } from './derive-tools.ts'
import { enrichTools, hasToolLimit } from './fit-tools.ts'
import { isCustomFieldFilter } from './input-schema.ts'
import { memoizeByIdentity } from './memoize-by-identity.ts'
import { type AncestorLimit, mergeTools, type ToolSource } from './offer.ts'
import type { Tool } from './tool.ts'

/** An account with its connector as the catalog has it, and for the account with its custom fields. */
export interface SchemaBinding {
  readonly account: IntegratedAccount
  readonly connector: Connector
  readonly forAccount: Connector
}

export interface OfferedTools {
  readonly configs: ToolSource['configs']
  /** As offered over these accounts. */
  readonly tools: readonly Tool[]
  readonly ancestorLimits: readonly AncestorLimit[]
}

const kept = memoizeByIdentity<readonly Tool[]>(1_000)

/**
 * Adds to a tool only where every ancestor, over the same accounts, adds to it too. Adds no tool.
 *
 * @param serverId What the tools are remembered under.
 */
export function applySchemaToTools(
  serverId: string,
  offered: OfferedTools,
  bindings: readonly SchemaBinding[],
): readonly Tool[] {
  const { configs, tools, ancestorLimits } = offered
  const [only] = bindings
  if (only && bindings.length === 1 && ancestorLimits.length === 0 && !configs.some(hasToolLimit)) {
    const own = derived(only, 'forAccount', configs)
    const names = new Set(tools.map(({ name }) => name))
    if (own.every(({ name }) => names.has(name))) return own
  }
  const key = JSON.stringify([serverId, bindings.map(({ account }) => account.id)])
  const parts = bindings.flatMap((binding) => [binding.account.label, derived(binding, 'forAccount', configs)])
  return kept(key, [...tools, ...ancestorLimits, ...parts], () => applyFromRoot(offered, bindings))
}

function applyFromRoot(
  { configs, tools, ancestorLimits }: OfferedTools,
  bindings: readonly SchemaBinding[],
): readonly Tool[] {
  // What makes tools fit the account, and last its custom fields as filters: for each, the tools that may have it.
  let mayAdd: readonly [fitting?: ReadonlySet<string>, filtering?: ReadonlySet<string>] = []
  const enrich = (limits: ToolSource['configs'], offered: readonly Tool[]) => {
    const whole = merged(bindings, 'forAccount', limits)
    const plain = whole.map(withoutOwnFilters)
    const fitting = enrichTools(offered, plain, limits, (name) => mayAdd[0]?.has(name) !== false)
    const filtering = enrichTools(fitting, whole, limits, (name) => mayAdd[1]?.has(name) !== false)
    return { fitting, filtering }
  }
  for (const { configs: limits, names } of ancestorLimits.toReversed()) {
    const offered = merged(bindings, 'connector', limits).filter(({ name }) => names.has(name))
    const { fitting, filtering } = enrich(limits, offered)
    mayAdd = [addedTo(offered, fitting), addedTo(fitting, filtering)]
  }
  return Object.freeze(enrich(configs, tools).filtering)
}

function addedTo(before: readonly Tool[], after: readonly Tool[]): ReadonlySet<string> {
  const same = new Set(before)
  return new Set(after.flatMap((tool) => (same.has(tool) ? [] : [tool.name])))
}

/** The tool without the filters by the account's custom fields; the same one when it has none. */
function withoutOwnFilters(tool: Tool): Tool {
  const { method, inputSchema } = tool
  const own = new Set(method.input.flatMap((field) => (isCustomFieldFilter(method, field) ? [field.name] : [])))
  const kept = Object.entries(inputSchema.properties).filter(([name]) => !own.has(name))
  if (kept.length === Object.keys(inputSchema.properties).length) return tool
  return Object.freeze({ ...tool, inputSchema: { ...inputSchema, properties: Object.fromEntries(kept) } })
}

function merged(
  bindings: readonly SchemaBinding[],
  by: 'connector' | 'forAccount',
  configs: ToolSource['configs'],
): readonly Tool[] {
  return mergeTools(bindings.map((binding) => ({ account: binding.account, tools: derived(binding, by, configs) })))
}

function derived(
  binding: SchemaBinding,
  by: 'connector' | 'forAccount',
  [config, ...ancestorConfigs]: ToolSource['configs'],
): readonly Tool[] {
  return deriveTools(binding[by], config, binding.account.scopes, ancestorConfigs)
}
