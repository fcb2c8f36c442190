/** @module Target: tools/call over MCP with arguments that are nearly what the tool's schema asks for. */

import { outcomeOf } from '../outcome-of.ts'
import type { Target } from '../target.ts'
import { type ToolCall, toolCalls } from '../tool-call.ts'

export const argumentsTarget: Target<ToolCall> = {
  name: 'arguments',
  share: 0.23,
  mustSee: ['ok', 'invalid_arguments'],
  inputs: ({ doors }) => toolCalls(doors, 25),
  async attempt({ doors, ask }, { door, tool, args }) {
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":${JSON.stringify(tool)},"arguments":${args}}}`
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
    return outcomeOf(await ask({ method: 'POST', path: doors[door]?.path ?? '/', headers, body }))
  },
}
