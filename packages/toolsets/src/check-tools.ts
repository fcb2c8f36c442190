/**
 * @module
 * The second look at what a URL offers: only tools of the toolset, none that shows more than it should, none missing that
 * was asked for by name, and not too many. The server has done the same; this notices a URL that is not the role's.
 */
import {
  atLeastAsStrict,
  type McpServerConfigInput,
  methodGroups,
  methodKinds,
  policies,
} from '@quartermaster/protocol'
import { type DescribedTool, toolFacts } from './tool-facts.ts'
import { ToolsetRefused } from './toolset-refused.ts'

export interface ToolRules {
  readonly name: string
  readonly spec: Readonly<McpServerConfigInput>
  readonly limit: number
  allows(tool: DescribedTool): boolean
}

const generalWords: readonly string[] = [...methodKinds, ...Object.keys(methodGroups)]

/** @throws ToolsetRefused when an agent with this role must not start with these tools. */
export function checkTools<T extends DescribedTool>(rules: ToolRules, offered: readonly T[]): readonly T[] {
  const { name, spec, limit } = rules
  const tools = offered.filter((tool) => rules.allows(tool))
  const names = tools.map((tool) => tool.name)
  const unknown = (spec.methods ?? []).filter(
    (word) => !generalWords.includes(word) && !offered.some((tool) => toolFacts(tool)?.method === word),
  )
  if (unknown.length > 0) {
    const reason = `toolset "${name}" names methods that no tool behind the URL has: ${unknown.join(', ')}`
    throw new ToolsetRefused(name, 'unknown_methods', unknown, reason)
  }
  if (tools.length === 0) {
    const reason = `none of the ${offered.length} tools behind the URL is one of toolset "${name}"`
    throw new ToolsetRefused(name, 'no_tools', [], reason)
  }
  refuseWeaker(rules, tools)
  if (tools.length > limit) {
    const reason = `toolset "${name}" allows ${limit} tools at once and would get ${tools.length}`
    throw new ToolsetRefused(name, 'too_many_tools', names, reason)
  }
  return tools
}

/** What a tool does not say counts as showing everything. */
function refuseWeaker({ name, spec }: ToolRules, tools: readonly DescribedTool[]): void {
  const wanted = spec.pii ?? 'full'
  const weaker = tools.filter((tool) => !atLeastAsStrict(policies[toolFacts(tool)?.pii ?? 'full'], policies[wanted]))
  if (weaker.length === 0) return
  const shown = [...new Set(weaker.map((tool) => toolFacts(tool)?.pii ?? 'nothing about it'))].join(', ')
  const reason = `toolset "${name}" asks for pii "${wanted}", and ${weaker.length} of its tools say ${shown}; issue the URL with this toolset`
  throw new ToolsetRefused(
    name,
    'weaker_redaction',
    weaker.map((tool) => tool.name),
    reason,
  )
}
