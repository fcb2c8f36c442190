/**
 * @module
 * What a crew writes to its graph's custom stream while it works: names, numbers and ids. No prompts, no arguments, no
 * answers, so a display or a log of it shows nothing that a customer's records hold.
 */

/** Where in the crew something happens. */
export interface CrewPlace {
  readonly crew: string
  readonly task: string
  /** Who works: the task's agent, or a colleague it has asked. */
  readonly agent: string
}

/** What an agent of a crew does. */
export type CrewStep =
  | { readonly type: 'task_started' }
  | { readonly type: 'task_ended'; readonly ok: boolean }
  /** The answer had the wrong form or the guard objected; the agent tries again while it has attempts left. */
  | { readonly type: 'answer_refused'; readonly attempt: number; readonly attempts: number }
  /** `maxRpm` of the crew or the agent is used up; the model is called after this many milliseconds. */
  | { readonly type: 'model_paced'; readonly waitMs: number }
  | { readonly type: 'model_call' }
  | { readonly type: 'model_answer'; readonly inputTokens: number; readonly outputTokens: number }
  | { readonly type: 'tool_started'; readonly tool: string; readonly toolCallId: string }
  | { readonly type: 'tool_ended'; readonly tool: string; readonly toolCallId: string; readonly ok: boolean }

/** One event of the custom stream. */
export type CrewEvent = CrewPlace & CrewStep
