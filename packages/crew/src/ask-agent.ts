/**
 * @module
 * One agent, one question, one answer: the agent's loop with its tools, its limits and its colleagues.
 */
import { AIMessage, type BaseMessage, HumanMessage } from '@langchain/core/messages'
import { DynamicStructuredTool } from '@langchain/core/tools'
import type { LangGraphRunnableConfig } from '@langchain/langgraph'
import { finalAnswerAfter } from '@quartermaster/langgraph'
import { createAgent } from 'langchain'
import { z } from 'zod'
import { agentMeter, turnObserver } from './agent-meter.ts'
import type { AgentPlan, CrewPlan, Text } from './crew-plan.ts'
import { type AskedArtifact, addUsage, conversationReport, type RunReport } from './crew-report.ts'
import { questionLimit } from './question-limit.ts'
import { toolFaults } from './tool-faults.ts'

export interface Question {
  readonly task: string
  readonly agent: AgentPlan
  /** What the run was started with. */
  readonly inputs: unknown
  /** The conversation so far, ending with what the agent is to answer. */
  readonly messages: readonly BaseMessage[]
  /** JSON Schema of the answer; text when absent. */
  readonly answer?: Readonly<Record<string, unknown>>
  /** False for an agent that was asked by another: questions are passed on once. */
  readonly mayDelegate: boolean
}

export interface Reply extends RunReport {
  readonly messages: readonly BaseMessage[]
  readonly text: string
  /** What came back in the form of {@link Question.answer}, unchecked. */
  readonly structured: unknown
  /** False when it was taken from a checkpoint as it stands: an earlier run has got it. */
  readonly isNew: boolean
}

export async function askAgent(plan: CrewPlan, question: Question, config: LangGraphRunnableConfig): Promise<Reply> {
  const { agent, task, answer, inputs } = question
  const render = (text: Text) => (typeof text === 'string' ? text : text(inputs as never))
  let modelCalls = 0
  let isNew = false
  const { delegates } = agent
  const mayAsk = (name: string) => (delegates === 'all' ? name !== agent.name : delegates.includes(name))
  const colleagues = question.mayDelegate ? plan.agents.filter(({ name }) => mayAsk(name)) : []
  // The tool's own config: a colleague who waits for a person is found again below the call that asked.
  const ask = (colleague: AgentPlan, words: string, below: LangGraphRunnableConfig) => {
    const passedOn = { task, agent: colleague, inputs, messages: [new HumanMessage(words)], mayDelegate: false }
    return askAgent(plan, passedOn, below)
  }
  // Outermost are the limit and the safety net; innermost, next to the model, the rate limit and the meter.
  const meter = agentMeter({
    rateLimit: agent.rateLimit,
    signal: config.signal,
    emit: (step) => config.writer?.({ ...step, crew: plan.name, task, agent: agent.name }),
    onModelCall: () => {
      modelCalls += 1
    },
  })
  const asking = colleagues.map((colleague) => askTool(colleague, render, ask))
  const runnable = createAgent({
    name: agent.name,
    model: agent.model ?? plan.model,
    tools: [...agent.tools, ...asking],
    systemPrompt: [
      `You are ${render(agent.role)}.`,
      ...(agent.backstory === undefined ? [] : [render(agent.backstory)]),
      `Your goal: ${render(agent.goal)}`,
    ].join('\n'),
    middleware: [
      turnObserver(() => {
        isNew = true
      }),
      finalAnswerAfter(agent.maxIter),
      toolFaults(config.signal),
      questionLimit(agent.maxQuestions, new Set(asking.map(({ name }) => name))),
      ...agent.middleware,
      meter,
    ],
    ...(answer ? { responseFormat: answer } : {}),
  })
  const state: { messages: BaseMessage[]; structuredResponse?: unknown } = await runnable.invoke(
    { messages: [...question.messages] },
    { ...config, recursionLimit: 4 * agent.maxIter + 10 },
  )
  const said = state.messages.slice(question.messages.length)
  const { own, asked, toolFailures } = conversationReport(said, { task, agent: agent.name })
  // After an interrupt only the messages know of earlier calls; when a middleware repeats calls, only the meter does.
  const usage = addUsage({ ...own, modelCalls: Math.max(modelCalls, own.modelCalls) }, asked)
  return {
    messages: state.messages,
    text: said.findLast((message) => AIMessage.isInstance(message))?.text ?? '',
    structured: state.structuredResponse,
    isNew,
    usage,
    toolFailures,
  }
}

function askTool(
  colleague: AgentPlan,
  render: (text: Text) => string,
  ask: (colleague: AgentPlan, words: string, config: LangGraphRunnableConfig) => Promise<Reply>,
) {
  return new DynamicStructuredTool({
    name: `ask_${colleague.name}`,
    description: `Ask ${render(colleague.role)}, who works towards: ${render(colleague.goal)}. They know only what the question says.`,
    schema: z.object({ question: z.string().describe('The question, with everything needed to answer it') }),
    responseFormat: 'content_and_artifact',
    func: async ({ question }, _manager, config): Promise<[string, AskedArtifact]> => {
      const { text, usage, toolFailures } = await ask(colleague, question, config ?? {})
      return [text, { asked: { usage, toolFailures } }]
    },
  })
}
