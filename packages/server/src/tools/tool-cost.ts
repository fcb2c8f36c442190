/**
 * @module
 * What a tool costs a model on every turn, in tokens of the o200k encoding: its name, description and schema, which is
 * what providers put into the prompt.
 */
import { createRequire } from 'node:module'
import type { Tool } from './tool.ts'

type Count = (text: string) => number

const costs = new WeakMap<Tool, number>()
let count: Count | undefined

/** Never less than its share of the whole list. */
export function toolCost(tool: Tool): number {
  const known = costs.get(tool)
  if (known !== undefined) return known
  const { name, description, inputSchema } = tool
  // One more than counted: what stands between two tools may be cut into tokens in another way.
  const cost = 1 + counter()(`${JSON.stringify({ name, description, parameters: inputSchema })},`)
  costs.set(tool, cost)
  return cost
}

/** The encoding's tables take 0.2 s and 80 MB, which only a URL with a token budget shall pay. */
function counter(): Count {
  count ??= (createRequire(import.meta.url)('gpt-tokenizer/encoding/o200k_base') as { readonly countTokens: Count })
    .countTokens
  return count
}
