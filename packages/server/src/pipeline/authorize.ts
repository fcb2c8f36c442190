/**
 * @module
 * Guard: a call reaches a tool only when the URL has it. Whether another URL has it cannot be told from the answer.
 */
import { fail } from '@quartermaster/protocol'
import { nearestNames } from '../tools/nearest-names.ts'
import { type Answer, type Call, refuse, type ToolCall } from './call.ts'
import type { Guard, Next } from './compose.ts'

const SUGGESTIONS = 5

type Found = Pick<ToolCall, 'tool'>

/** Finds the tool by its exact name, else refuses with the nearest names of the caller's own URL. */
export function authorize(): Guard<'authorize', Call, Found, 'dailyCallLimit'> {
  const run = async (call: Call, next: Next<Found>): Promise<Answer> => {
    const { tools } = call.access
    const tool = tools.find(({ name }) => name === call.toolName)
    if (tool) return next({ tool })
    const nearest = nearestNames(
      call.toolName,
      tools.map(({ name }) => name),
      SUGGESTIONS,
    )
    const suggestion = nearest.length > 0 ? ` Similar names: ${nearest.join(', ')}.` : ''
    return refuse(
      fail(
        'unknown_tool',
        `Cannot call the tool: this server has no tool of that name.${suggestion}`,
        'Choose a tool from the tool list and use its exact name.',
        { requestId: call.requestId },
      ),
    )
  }
  return { name: 'authorize', after: ['dailyCallLimit'], run }
}
