/**
 * @module
 * The budgets of a URL: how many tools it may have, and how many tokens they may cost a model on every turn. Tools come
 * first, in their order; then what makes them fit the account, and last its own fields as filters, as long as it fits.
 */
import { isRead, type McpServerConfig } from '@quartermaster/protocol'
import type { Tool } from './tool.ts'
import { toolCost } from './tool-cost.ts'

export interface Budgets {
  readonly maxTools: number
  readonly maxTokens: number
}

export interface Fitted {
  readonly tools: readonly Tool[]
  /** Left out, with the budget that it was too much for. */
  readonly over: ReadonlyMap<string, 'max_tools' | 'max_tokens'>
  /** What all of `plain` would cost; undefined when nobody asked. */
  readonly tokens?: number
}

/** The strictest of the configurations; infinite when none says. */
export function budgetsOf(configs: readonly Pick<McpServerConfig, 'max_tools' | 'max_tokens'>[]): Budgets {
  const least = (values: readonly (number | undefined)[]) =>
    Math.min(...values.map((value) => value ?? Number.POSITIVE_INFINITY))
  return {
    maxTools: least(configs.map(({ max_tools }) => max_tools)),
    maxTokens: least(configs.map(({ max_tokens }) => max_tokens)),
  }
}

/** @param shaped The same tools with what the account's own fields add. */
export function fitTools(
  plain: readonly Tool[],
  shaped: readonly Tool[],
  configs: readonly Pick<McpServerConfig, 'max_tools' | 'max_tokens'>[],
): Fitted {
  const { maxTools, maxTokens } = budgetsOf(configs)
  const isCounted = Number.isFinite(maxTokens)
  const byName = new Map(shaped.map((tool) => [tool.name, tool]))
  const over = new Map<string, 'max_tools' | 'max_tokens'>()
  const kept: Tool[] = []
  let spent = 0
  let tokens = 0
  for (const tool of plain) {
    const cost = isCounted ? toolCost(tool) : 0
    tokens += cost
    if (!byName.has(tool.name)) continue
    if (kept.length >= maxTools) over.set(tool.name, 'max_tools')
    else if (spent + cost > maxTokens) over.set(tool.name, 'max_tokens')
    else {
      kept.push(tool)
      spent += cost
    }
  }
  const enriched = (tools: readonly Tool[], richerOf: (shaped: Tool) => Tool) =>
    tools.map((tool) => {
      const richer = richerOf(byName.get(tool.name) ?? tool)
      if (richer === tool || !isCounted) return richer
      const more = toolCost(richer) - toolCost(tool)
      if (spent + more > maxTokens) return tool
      spent += more
      return richer
    })
  const tools = enriched(enriched(kept, withoutOwnFilters), (tool) => tool)
  return { tools, over, ...(isCounted ? { tokens } : {}) }
}

/** The tool without the filters by the account's own fields; the same one when it has none. */
function withoutOwnFilters(tool: Tool): Tool {
  const { input, kind } = tool.method
  const { properties } = tool.inputSchema
  const own = new Set(isRead(kind) ? input.flatMap(({ name, own }) => (own === undefined ? [] : [name])) : [])
  const kept = Object.entries(properties).filter(([name]) => !own.has(name))
  if (kept.length === Object.keys(properties).length) return tool
  return Object.freeze({ ...tool, inputSchema: { ...tool.inputSchema, properties: Object.fromEntries(kept) } })
}
