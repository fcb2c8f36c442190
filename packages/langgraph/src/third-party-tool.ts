/**
 * @module
 * A call of a third-party tool: whatever it throws or says becomes a message that a planner can read and an artifact that
 * code can read; with a gate, it waits, is limited in time and is retried like our own.
 */
import { ToolMessage } from '@langchain/core/messages'
import { ToolInputParsingException } from '@langchain/core/tools'
import { isGraphBubbleUp } from '@langchain/langgraph'
import {
  type AttemptResult,
  type CallFault,
  deadline,
  type RetryOptions,
  type RunLimits,
  readStop,
  readThirdPartyFailure,
  systemClock,
  withRetry,
} from '@quartermaster/client'
import { z } from 'zod'
import { emitEvent, type ToolEvent } from './emit-event.ts'
import { toolErrorMessage } from './tool-error-message.ts'

/** `policy.timeoutMs` (10 s) is for each attempt; slow tools, such as agents as tools, need more. */
export interface RateLimitOptions extends Pick<RetryOptions, 'gate' | 'policy' | 'clock' | 'random'> {
  /** The connected account, or how to tell it from the tool's name, when one agent works on several. */
  readonly account: string | ((tool: string) => string)
  /** Gets every event that also goes to the graph's custom stream. */
  readonly onEvent?: (event: ToolEvent) => void
  /** Whether a tool may be repeated after a timeout; default: only when its annotations say that it reads. */
  readonly repeatable?: (tool: string) => boolean
  /** Bounds for each run, counted from the messages since the last human one; `false` for none. */
  readonly runLimits?: RunLimits | false
}

export interface ThirdPartyCall {
  readonly name: string
  readonly id: string | undefined
  /** The tool, for its annotations. */
  readonly tool: unknown
  readonly signal: unknown
  /** Of the graph's custom stream. */
  readonly writer: unknown
  /** Makes the call; may throw. */
  readonly work: (signal: AbortSignal | undefined) => unknown
}

interface ThirdPartyAnswer {
  readonly message?: unknown
  /** What stops the graph on purpose: an interrupt is no fault, and no reason to keep a place at the gate. */
  readonly stop?: unknown
}

const hints = z.object({
  annotations: z.object({ readOnlyHint: z.boolean().optional(), idempotentHint: z.boolean().optional() }),
})

/** What the tool gave, untouched, or a message with status `error`. Only what stops a graph on purpose is thrown. */
export async function callWithRetry(call: ThirdPartyCall, options: RateLimitOptions): Promise<unknown> {
  const { name } = call
  const { account, clock = systemClock } = options
  const { annotations } = hints.safeParse(call.tool && Reflect.get(Object(call.tool), 'metadata')).data ?? {}
  const repeats = annotations?.readOnlyHint === true || annotations?.idempotentHint === true
  const repeatable = options.repeatable?.(name) ?? repeats
  const ends = call.signal instanceof AbortSignal ? { signal: call.signal } : {}
  const done = await withRetry<ThirdPartyAnswer>(
    async ({ timeoutMs }) => {
      try {
        return readAnswer(await deadline(async (signal) => call.work(signal), timeoutMs, { clock, ...ends }))
      } catch (error) {
        const stopped = readStop(error, { repeatable, ...ends })
        return stopped ? { ok: false, fault: stopped } : readThrown(error)
      }
    },
    {
      ...options,
      tool: name,
      account: typeof account === 'string' ? account : account(name),
      repeatable,
      onEvent: (event) => emitEvent(event, { writer: call.writer, onEvent: options.onEvent, toolCallId: call.id }),
      ...ends,
    },
  )
  return done.ok ? messageOf(done.answer) : toolErrorMessage(done.error, call)
}

/** The same without a gate: one attempt, no limit in time. */
export async function callOnce(call: ThirdPartyCall): Promise<unknown> {
  const signal = call.signal instanceof AbortSignal ? call.signal : undefined
  const answer = await Promise.resolve(signal).then(call.work).then(readAnswer, readThrown)
  return answer.ok ? messageOf(answer) : toolErrorMessage({ ...answer.fault, attempts: 1 }, call)
}

function readAnswer(message: unknown): AttemptResult<ThirdPartyAnswer> {
  const isFault = ToolMessage.isInstance(message) && message.status === 'error'
  return isFault ? { ok: false, fault: readThirdPartyFailure(message.text) } : { ok: true, message }
}

function readThrown(error: unknown): AttemptResult<ThirdPartyAnswer> {
  return isGraphBubbleUp(error) ? { ok: true, stop: error } : { ok: false, fault: faultOf(error) }
}

function messageOf({ message, stop }: ThirdPartyAnswer): unknown {
  if (stop !== undefined) throw stop
  return message
}

function faultOf(error: unknown): CallFault {
  if (!(error instanceof Error)) return readThirdPartyFailure('')
  const fault = readThirdPartyFailure(error.message)
  // What a tool's schema refuses never reached the tool; agents wrap that in an error of their own.
  const isInput = error instanceof ToolInputParsingException || error.name === 'ToolInvocationError'
  if (!isInput) return fault
  return {
    ...fault,
    code: 'invalid_arguments',
    status: 400,
    advice: 'Call again with arguments that fit the schema of the tool.',
  }
}
