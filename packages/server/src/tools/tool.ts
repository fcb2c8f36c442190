/**
 * @module
 * A tool as a model sees it, with the connector method behind it.
 */
import type { Method } from '@quartermaster/connectors'

/** The subset of JSON Schema that every client survives: flat, one plain type a property, no unions, no formats. */
export interface ToolSchema {
  readonly type: 'object'
  readonly properties: { readonly [name: string]: ToolProperty }
  readonly required?: readonly string[]
}

export interface ToolProperty {
  /** `array`: a list of texts, the only kind of list there is. */
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array'
  readonly description: string
  readonly enum?: readonly string[]
  readonly items?: { readonly type: 'string' }
}

export interface ToolAnnotations {
  readonly title: string
  readonly readOnlyHint: boolean
  readonly destructiveHint: boolean
  readonly idempotentHint: boolean
  readonly openWorldHint: boolean
}

export interface Tool {
  readonly name: string
  readonly description: string
  readonly inputSchema: ToolSchema
  readonly annotations: ToolAnnotations
  readonly meta: {
    readonly system: string
    readonly resource: string
    readonly kind: string
    readonly tags: readonly string[]
  }
  readonly method: Method
  /** On a URL over several accounts: the tool as each account that serves it has it, by the account's word. */
  readonly variants?: ReadonlyMap<string, Tool>
}
