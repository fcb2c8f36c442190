/**
 * @module
 * The budgets of a URL: how many tools it may have, and how many tokens they may cost a model on every turn. Tools come
 * first, in their order; then what makes them fit the account, and last its custom fields as filters, as long as it fits.
 */
import type { McpServerConfig } from '@quartermaster/protocol'
import type { Tool } from './tool.ts'
import { toolCost } from './tool-cost.ts'

export type ToolLimit = 'max_tools' | 'max_tokens'

export interface ToolLimits {
  readonly maxTools: number
  readonly maxTokens: number
}

export interface Fitted {
  readonly tools: readonly Tool[]
  /** Left out, with the budget that it was too much for. */
  readonly over: ReadonlyMap<string, ToolLimit>
  /** What all of them would cost; undefined when nobody asked. */
  readonly tokens?: number
}

/** True when it says how many tools there may be, or what they may cost. */
export function hasToolLimit({ max_tools, max_tokens }: Pick<McpServerConfig, ToolLimit>): boolean {
  return max_tools !== undefined || max_tokens !== undefined
}

/** The strictest of the configurations; infinite when none says. */
export function toolLimitsOf(configs: readonly Pick<McpServerConfig, ToolLimit>[]): ToolLimits {
  const least = (values: readonly (number | undefined)[]) =>
    Math.min(...values.map((value) => value ?? Number.POSITIVE_INFINITY))
  return {
    maxTools: least(configs.map(({ max_tools }) => max_tools)),
    maxTokens: least(configs.map(({ max_tokens }) => max_tokens)),
  }
}

/** The first tools that fit. What is too dear leaves room for cheaper ones after it. */
export function fitTools(tools: readonly Tool[], configs: readonly Pick<McpServerConfig, ToolLimit>[]): Fitted {
  const { maxTools, maxTokens } = toolLimitsOf(configs)
  const isCounted = Number.isFinite(maxTokens)
  const over = new Map<string, ToolLimit>()
  const kept: Tool[] = []
  let spent = 0
  let tokens = 0
  for (const tool of tools) {
    const cost = isCounted ? toolCost(tool) : 0
    tokens += cost
    if (kept.length >= maxTools) over.set(tool.name, 'max_tools')
    else if (spent + cost > maxTokens) over.set(tool.name, 'max_tokens')
    else {
      kept.push(tool)
      spent += cost
    }
  }
  return { tools: kept, over, ...(isCounted ? { tokens } : {}) }
}

/**
 * Tools that fit, with what the account's custom fields add to them as far as that fits as well. One that `forAccount` lacks is
 * none of the account's.
 *
 * @param mayAdd Whether a tool may have more at all.
 */
export function enrichTools(
  tools: readonly Tool[],
  forAccount: readonly Tool[],
  configs: readonly Pick<McpServerConfig, ToolLimit>[],
  mayAdd: (name: string) => boolean = () => true,
): readonly Tool[] {
  const { maxTokens } = toolLimitsOf(configs)
  const isCounted = Number.isFinite(maxTokens)
  const byName = new Map(forAccount.map((tool) => [tool.name, tool]))
  const kept = tools.filter(({ name }) => byName.has(name))
  let spent = isCounted ? kept.reduce((sum, tool) => sum + toolCost(tool), 0) : 0
  return kept.map((tool) => {
    const richer = byName.get(tool.name) ?? tool
    if (!mayAdd(tool.name)) return tool
    if (richer === tool || !isCounted) return richer
    const more = toolCost(richer) - toolCost(tool)
    if (spent + more > maxTokens) return tool
    spent += more
    return richer
  })
}
