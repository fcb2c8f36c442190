/**
 * @module
 * The tools of a URL with what the fields of its accounts add to them, as far as its budgets and those above it go.
 */
import type { Connector } from '@quartermaster/connectors'
import type { IntegratedAccount } from '../entities/account.ts'
import { deriveTools } from './derive-tools.ts'
import { enrichTools, hasBudget } from './fit-tools.ts'
import { isCustomFieldFilter } from './input-schema.ts'
import { type Ceiling, type Level, mergeTools } from './offer.ts'
import { remembering } from './remembering.ts'
import type { Tool } from './tool.ts'

/** An account with its connector as the catalog has it, and as the account's custom fields shape it. */
export interface SchemaBinding {
  readonly account: IntegratedAccount
  readonly connector: Connector
  readonly shaped: Connector
}

export interface Shapeable {
  readonly configs: Level['configs']
  /** As offered over these accounts. */
  readonly tools: readonly Tool[]
  readonly above: readonly Ceiling[]
}

const kept = remembering<readonly Tool[]>(1_000)

/**
 * Adds to a tool only where every URL above, over the same accounts, adds to it too. Adds no tool.
 *
 * @param serverId What the tools are remembered under.
 */
export function shapeTools(serverId: string, offered: Shapeable, bindings: readonly SchemaBinding[]): readonly Tool[] {
  const { configs, tools, above } = offered
  const [only] = bindings
  if (only && bindings.length === 1 && above.length === 0 && !configs.some(hasBudget)) {
    const own = derived(only, 'shaped', configs)
    const names = new Set(tools.map(({ name }) => name))
    if (own.every(({ name }) => names.has(name))) return own
  }
  const key = JSON.stringify([serverId, bindings.map(({ account }) => account.id)])
  const parts = bindings.flatMap((binding) => [binding.account.label, derived(binding, 'shaped', configs)])
  return kept(key, [...tools, ...above, ...parts], () => shapeLine(offered, bindings))
}

function shapeLine({ configs, tools, above }: Shapeable, bindings: readonly SchemaBinding[]): readonly Tool[] {
  // What makes tools fit the account, and last its custom fields as filters: for each, the tools that may have it.
  let mayAdd: readonly [fitting?: ReadonlySet<string>, filtering?: ReadonlySet<string>] = []
  const enrich = (level: Level['configs'], offered: readonly Tool[]) => {
    const shaped = merged(bindings, 'shaped', level)
    const plain = shaped.map(withoutOwnFilters)
    const fitting = enrichTools(offered, plain, level, (name) => mayAdd[0]?.has(name) !== false)
    const whole = enrichTools(fitting, shaped, level, (name) => mayAdd[1]?.has(name) !== false)
    return { fitting, whole }
  }
  for (const { configs: level, names } of above.toReversed()) {
    const offered = merged(bindings, 'connector', level).filter(({ name }) => names.has(name))
    const { fitting, whole } = enrich(level, offered)
    mayAdd = [addedTo(offered, fitting), addedTo(fitting, whole)]
  }
  return Object.freeze(enrich(configs, tools).whole)
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
  by: 'connector' | 'shaped',
  configs: Level['configs'],
): readonly Tool[] {
  return mergeTools(bindings.map((binding) => ({ account: binding.account, tools: derived(binding, by, configs) })))
}

function derived(
  binding: SchemaBinding,
  by: 'connector' | 'shaped',
  [config, ...wider]: Level['configs'],
): readonly Tool[] {
  return deriveTools(binding[by], config, binding.account.scopes, wider)
}
