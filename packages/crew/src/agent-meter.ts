/**
 * @module
 * What stands between an agent and its model and tools: it paces model calls, counts them, and tells the graph's stream
 * what is being done. It changes no request and no answer.
 */
import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { isGraphBubbleUp } from '@langchain/langgraph'
import { type AgentMiddleware, createMiddleware } from 'langchain'
import type { CrewStep } from './crew-event.ts'
import { markModelCall, noUsage, tokensOf } from './crew-report.ts'
import type { ModelRateLimit } from './model-rate-limit.ts'

export interface AgentMeterOptions {
  readonly rateLimit: ModelRateLimit
  readonly signal: AbortSignal | undefined
  readonly emit: (step: CrewStep) => void
  readonly onModelCall: () => void
}

export function agentMeter({ rateLimit, signal, emit, onModelCall }: AgentMeterOptions): AgentMiddleware {
  return createMiddleware({
    name: 'Meter',
    wrapModelCall: async (request, handler) => {
      await rateLimit(signal, (waitMs) => emit({ type: 'model_paced', waitMs }))
      onModelCall()
      emit({ type: 'model_call' })
      const answer = await handler(request)
      if (AIMessage.isInstance(answer)) markModelCall(answer)
      const { inputTokens, outputTokens } = AIMessage.isInstance(answer) ? tokensOf(answer) : noUsage
      emit({ type: 'model_answer', inputTokens, outputTokens })
      return answer
    },
    wrapToolCall: async (request, handler) => {
      const { name: tool, id: toolCallId = '' } = request.toolCall
      emit({ type: 'tool_started', tool, toolCallId })
      try {
        const answer = await handler(request)
        emit({
          type: 'tool_ended',
          tool,
          toolCallId,
          ok: !(ToolMessage.isInstance(answer) && answer.status === 'error'),
        })
        return answer
      } catch (error) {
        // An interrupt is how a graph is stopped: the tool waits for a person and is not done.
        if (!isGraphBubbleUp(error)) emit({ type: 'tool_ended', tool, toolCallId, ok: false })
        throw error
      }
    },
  })
}

/** As the outermost middleware it is called for every turn, also for those that another middleware answers instead of the model. */
export function turnObserver(onTurn: () => void): AgentMiddleware {
  return createMiddleware({
    name: 'TurnObserver',
    wrapModelCall: (request, handler) => {
      onTurn()
      return handler(request)
    },
  })
}
