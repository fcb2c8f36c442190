/**
 * @module
 * What a toolset costs a model on every turn, in tokens of the o200k encoding: name, description and schema of each
 * tool, which is what providers put into the prompt.
 */
import type { McpTool } from '@quartermaster/client'
import { encode } from 'gpt-tokenizer/encoding/o200k_base'

export function tokenCost(tools: readonly Pick<McpTool, 'name' | 'description' | 'inputSchema'>[]): number {
  const charged = tools.map(({ name, description, inputSchema }) => ({ name, description, parameters: inputSchema }))
  return encode(JSON.stringify(charged)).length
}
