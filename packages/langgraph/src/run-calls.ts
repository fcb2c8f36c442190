/**
 * @module
 * The tool calls of a run, read from the messages in the graph's state. A run begins at the last human message. What is
 * read from the state is the same after a resume, in another process too, and belongs to one thread: runs of one compiled
 * graph side by side share nothing.
 */
import { AIMessage, BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { z } from 'zod'

export interface RunCall {
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
  /**
   * `refused`: it was never made. `undecided`: it says nothing of the tool's health. Absent while there is no answer in the
   * state.
   */
  readonly ended?: 'ok' | 'failed' | 'refused' | 'undecided'
}

const messages = z.array(z.custom<BaseMessage>((message) => BaseMessage.isInstance(message)))
const failed = z.object({ error: z.object({ code: z.string(), attempts: z.number().optional() }) })
/** Bounds of ours, which answer in the tool's stead. */
const REFUSALS: readonly string[] = [
  'repeated_call',
  'call_budget_exhausted',
  'too_many_errors',
  'page_limit',
  'question_limit',
]

/** Those after the last human message; undefined when there are no messages to read. */
export function messagesOfRun(state: unknown): readonly BaseMessage[] | undefined {
  const { data } = messages.safeParse(Array.isArray(state) ? state : Object(state)['messages'])
  return data?.slice(data.findLastIndex((message) => HumanMessage.isInstance(message)) + 1)
}

/**
 * Calls of this run that were asked for before the one with `id`, side by side ones included; all of them when it is not
 * among them.
 *
 * @param state a graph's state with `messages`, or the messages alone
 * @returns undefined when there are no messages to read
 */
export function callsBefore(state: unknown, id: string | undefined): readonly RunCall[] | undefined {
  const run = messagesOfRun(state)
  if (!run) return undefined
  const calls: (RunCall & { id: string })[] = []
  for (const message of run) {
    if (AIMessage.isInstance(message)) {
      calls.push(...(message.tool_calls ?? []).map(({ name, args, id: own = '' }) => ({ name, args, id: own })))
    } else if (ToolMessage.isInstance(message)) {
      // Some models give the calls of one message the same id.
      const at = calls.findIndex((call) => call.id === message.tool_call_id && call.ended === undefined)
      const call = calls[at]
      if (call) calls[at] = { ...call, ended: endOf(message) }
    }
  }
  const own = calls.findLastIndex((call) => call.id === (id ?? '') && call.ended === undefined)
  return own < 0 ? calls : calls.slice(0, own)
}

function endOf(message: ToolMessage): NonNullable<RunCall['ended']> {
  if (message.status !== 'error') return 'ok'
  const error = (failed.safeParse(message.artifact).data ?? failed.safeParse(parsed(message.text)).data)?.error
  if (error === undefined) return 'failed'
  if (REFUSALS.includes(error.code) || (error.code === 'invalid_arguments' && error.attempts === 0)) return 'refused'
  return error.code === 'approval_refused' ? 'undecided' : 'failed'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
