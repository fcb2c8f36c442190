/**
 * @module
 * What a crew is made of, once its types have done their work: agents, tasks and the order among them.
 */
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { StructuredTool } from '@langchain/core/tools'
import type { Clock } from '@quartermaster/client'
import type { AgentMiddleware } from 'langchain'
import type { z } from 'zod'
import type { entrySchema } from './crew-inputs.ts'
import type { ModelRateLimit } from './model-rate-limit.ts'

/** A model, or its name for `initChatModel`, such as `openai:gpt-5.5`. */
export type Model = BaseChatModel | string

/** Text, or a function that makes it from the inputs of a run. */
export type Text<I = never> = string | ((inputs: I) => string)

export interface AgentPlan {
  readonly name: string
  /** Completes "You are …". */
  readonly role: Text
  readonly goal: Text
  readonly backstory?: Text
  readonly model?: Model
  readonly tools: readonly StructuredTool[]
  /** Model calls for one task; the last of them must answer. */
  readonly maxIter: number
  readonly delegates: readonly string[] | 'all'
  /** Questions to delegates for one task. */
  readonly maxQuestions: number
  readonly middleware: readonly AgentMiddleware[]
  /** The crew's, if it has one, else the agent's own. */
  readonly rateLimit: ModelRateLimit
}

/** What prompts and guards may look at. */
export interface TaskContext {
  readonly inputs: unknown
  readonly out: Readonly<Record<string, unknown>>
}

export interface TaskPlan {
  readonly name: string
  readonly agent: string
  readonly prompt: (context: TaskContext) => string
  /** What a good answer looks like, in words. */
  readonly expect?: string
  readonly output?: z.ZodType
  readonly needs: readonly string[]
  readonly guard?: (value: unknown, context: TaskContext) => true | string
  readonly guardRetries: number
  readonly review: boolean
}

export interface CrewPlan {
  readonly name: string
  readonly model: Model
  /** What goes into the graph. */
  readonly entry: ReturnType<typeof entrySchema>
  /** Of the whole crew, instead of those of its agents. */
  readonly rateLimit?: ModelRateLimit
  readonly clock?: Clock
  readonly agents: readonly AgentPlan[]
  readonly tasks: readonly TaskPlan[]
}
