/**
 * @module
 * A conversation with a model, whatever protocol it came through.
 */

export interface ChatMessage {
  readonly role: string
  readonly content: string
}

export interface ChatRequest {
  readonly messages: readonly ChatMessage[]
  /** Names of the tools that may be called. */
  readonly tools: readonly string[]
  /** The form that the answer must have. */
  readonly form: { readonly strict?: boolean; readonly schema: Readonly<Record<string, unknown>> } | undefined
}

export interface ChatCall {
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
}

/** A text, or calls of tools. */
export type ChatAnswer = string | readonly ChatCall[]
