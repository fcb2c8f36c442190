/**
 * @module
 * One agent, one question, one answer: the agent's loop with its tools, its limits and its colleagues.
 */
import { AIMessage, type BaseMessage, HumanMessage } from '@langchain/core/messages'
import { DynamicStructuredTool } from '@langchain/core/tools'
import type { LangGraphRunnableConfig } from '@langchain/langgraph'
import { createAgent, createMiddleware } from 'langchain'
import { z } from 'zod'
import type { AgentPlan, CrewPlan, Text } from './crew-plan.ts'
import { addUsage, noUsage, type Report, tokensOf, toolFailuresIn } from './crew-report.ts'
import { finalAnswerAfter } from './final-answer-after.ts'
import type { Pace } from './model-pace.ts'

export interface Question {
  readonly task: string
  readonly agent: AgentPlan
  /** What the run was started with. */
  readonly inputs: unknown
  /** The conversation so far, ending with what the agent is to answer. */
  readonly messages: readonly BaseMessage[]
  /** JSON Schema of the answer; text when absent. */
  readonly answer?: Readonly<Record<string, unknown>>
  /** False for somebody who was asked by a colleague: questions are passed on once. */
  readonly mayDelegate: boolean
}

export interface Reply extends Report {
  readonly messages: readonly BaseMessage[]
  readonly text: string
  /** What came back in the form of {@link Question.answer}, unchecked. */
  readonly structured: unknown
}

export async function askAgent(
  plan: CrewPlan,
  pace: Pace,
  question: Question,
  config: LangGraphRunnableConfig,
): Promise<Reply> {
  const { agent, task, answer, inputs } = question
  const spoken = (text: Text) => (typeof text === 'string' ? text : text(inputs as never))
  let usage = noUsage
  const toolFailures: Report['toolFailures'][number][] = []
  const colleagues = question.mayDelegate ? plan.agents.filter(({ name }) => agent.delegates.includes(name)) : []
  const ask = async (colleague: AgentPlan, words: string) => {
    const messages = [new HumanMessage(words)]
    const reply = await askAgent(plan, pace, { task, agent: colleague, inputs, messages, mayDelegate: false }, config)
    usage = addUsage(usage, reply.usage)
    toolFailures.push(...reply.toolFailures)
    return reply.text
  }
  // Outermost is the limit; innermost, next to the model, the pace and the meter.
  const meter = createMiddleware({
    name: 'Meter',
    wrapModelCall: async (request, handler) => {
      await pace(config.signal)
      usage = addUsage(usage, { ...noUsage, modelCalls: 1 })
      return handler(request)
    },
  })
  const runnable = createAgent({
    name: agent.name,
    model: agent.model ?? plan.model,
    tools: [...agent.tools, ...colleagues.map((colleague) => askTool(colleague, spoken, ask))],
    systemPrompt: [
      `You are ${spoken(agent.role)}.`,
      ...(agent.backstory === undefined ? [] : [spoken(agent.backstory)]),
      `Your goal: ${spoken(agent.goal)}`,
    ].join('\n'),
    middleware: [finalAnswerAfter(agent.maxIter), ...agent.middleware, meter],
    checkpointer: false,
    ...(answer ? { responseFormat: answer } : {}),
  })
  const state: { messages: BaseMessage[]; structuredResponse?: unknown } = await runnable.invoke(
    { messages: [...question.messages] },
    { ...config, recursionLimit: 4 * agent.maxIter + 10 },
  )
  const said = state.messages.slice(question.messages.length)
  const answers = said.filter((message): message is AIMessage => AIMessage.isInstance(message))
  for (const message of answers) usage = addUsage(usage, tokensOf(message))
  toolFailures.push(...toolFailuresIn(said, { task, agent: agent.name }))
  return {
    messages: state.messages,
    text: answers.at(-1)?.text ?? '',
    structured: state.structuredResponse,
    usage,
    toolFailures,
  }
}

function askTool(
  colleague: AgentPlan,
  spoken: (text: Text) => string,
  ask: (colleague: AgentPlan, words: string) => Promise<string>,
) {
  return new DynamicStructuredTool({
    name: `ask_${colleague.name}`,
    description: `Ask ${spoken(colleague.role)}, who works towards: ${spoken(colleague.goal)}. They know only what the question says.`,
    schema: z.object({ question: z.string().describe('The question, with everything needed to answer it') }),
    func: ({ question }) => ask(colleague, question),
  })
}
