/**
 * @module
 * One tool of a URL as a LangChain tool. It accepts what models usually send, sends what the schema says, and answers a
 * failure as a message instead of an exception.
 */
import { createHash } from 'node:crypto'
import type { CallbackManagerForToolRun } from '@langchain/core/callbacks/manager'
import { ToolMessage } from '@langchain/core/messages'
import { StructuredTool, ToolInputParsingException, type ToolRunnableConfig } from '@langchain/core/tools'
import type { JSONSchema } from '@langchain/core/utils/json_schema'
import type { LangGraphRunnableConfig } from '@langchain/langgraph'
import {
  type CallError,
  type CallEvent,
  type CallOptions,
  type CallOutcome,
  callErrorText,
  callTool,
  type McpConn,
  type McpTool,
} from '@quartermaster/client'
import { coerceArguments } from './coerce-arguments.ts'
import { emitEvent, type QuotaEvent, type ToolEvent } from './emit-event.ts'
import { longWaitIn } from './long-wait.ts'
import { type InterruptValue, resolveInterrupts } from './resolve-interrupts.ts'
import type { RunConfig, RunLimiterOf } from './run-limiters.ts'
import { approvalRequestIn } from './write-approval.ts'

type Args = Record<string, unknown>

/** What LangGraph hands to a tool, beyond what LangChain promises. */
type ToolConfig = ToolRunnableConfig & Pick<LangGraphRunnableConfig, 'writer' | 'control' | 'interrupt'> & RunConfig

/** What a tool leaves beside its text, for code. */
export type ToolArtifact =
  | { readonly attempts: number; readonly ms: number; readonly quota?: unknown }
  | { readonly error: CallError }

/** How a tool of {@link recordTools} calls its server. */
export interface RecordToolOptions extends Pick<CallOptions, 'account' | 'gate' | 'policy' | 'clock' | 'random'> {
  /**
   * A wait longer than this many seconds, however short of `policy.giveUpAboveS`, stops the graph at once with an `interrupt`
   * of {@link LongWait}; resuming makes the call again. Others on the account wait as they please. Needs a checkpointer.
   */
  readonly interruptAboveS?: number
  /**
   * A write that its URL reserves for approval stops the graph with an `interrupt` of `ApprovalRequest`; resume it
   * with an `ApprovalDecision`. Needs a checkpointer. Without it, such a write is a failure that the model reads.
   */
  readonly approveWrites?: boolean
  /** Gets every event that also goes to the graph's custom stream; for metrics, and for tools outside of a graph. */
  readonly onEvent?: (event: ToolEvent) => void
}

export class RecordTool extends StructuredTool<JSONSchema, Args, Args, ToolMessage | string> {
  override name: string
  override description: string
  override schema: JSONSchema
  readonly #conn: Pick<McpConn, 'callTool'>
  readonly #tool: McpTool
  readonly #options: RecordToolOptions
  readonly #limiters: RunLimiterOf | undefined

  constructor(conn: Pick<McpConn, 'callTool'>, tool: McpTool, options: RecordToolOptions, limiters?: RunLimiterOf) {
    super({ metadata: { ...tool._meta, annotations: { ...tool.annotations } } })
    this.name = tool.name
    this.description = tool.description ?? tool.title ?? tool.name
    this.schema = { ...tool.inputSchema }
    this.#conn = conn
    this.#tool = tool
    this.#options = options
    this.#limiters = limiters
  }

  /** A call of it may have to wait for a person. */
  get mayNeedApproval(): boolean {
    return this.#options.approveWrites === true && this.#tool.annotations?.readOnlyHint !== true
  }

  /** Coerces first, validates then; what is still wrong is an answer, not an exception. */
  override async call<TArg, TConfig extends ToolRunnableConfig | undefined>(
    arg: TArg,
    config?: TConfig,
  ): Promise<never> {
    const args = coerceArguments(arg, this.#tool.inputSchema)
    try {
      return (await super.call(args as never, config)) as never
    } catch (error) {
      if (!(error instanceof ToolInputParsingException)) throw error
      return this.#failed(badArguments(args, this.#tool.inputSchema), config) as never
    }
  }

  protected override async _call(
    args: Args,
    _manager?: CallbackManagerForToolRun,
    config?: ToolConfig,
  ): Promise<ToolMessage | string> {
    const limiter = this.#limiters?.(config)
    const refusal = limiter?.admit(this.name, args)
    if (refusal) return this.#failed(refusal, config)
    const key = this.#tool.annotations?.readOnlyHint === true ? undefined : writeKey(this.name, args, config)
    const { interruptAboveS } = this.#options
    const send = (approval?: string) =>
      callTool(this.#conn, this.#tool, args, {
        ...this.#options,
        ...(config?.interrupt && interruptAboveS !== undefined ? { maxWaitS: interruptAboveS } : {}),
        onEvent: (event: CallEvent) => this.#emit(event, config),
        ...(config?.signal ? { signal: config.signal } : {}),
        ...(key === undefined ? {} : { idempotencyKey: key }),
        ...(approval === undefined ? {} : { approval }),
      })
    const outcome = config?.interrupt
      ? await resolveInterrupts(send, (met) => this.#interruptIn(met), config.interrupt)
      : await send()
    if (outcome.ok || outcome.error.code !== 'approval_refused') limiter?.record(outcome.ok)
    if (!outcome.ok) return this.#failed(outcome.error, config)
    const { attempts, ms, quota } = outcome
    if (quota) this.#emit({ ...quota, type: 'quota', account: this.#options.account }, config)
    return this.#message('success', outcome.text, { attempts, ms, ...(quota ? { quota } : {}) }, config)
  }

  #emit(event: CallEvent | QuotaEvent, config: ToolConfig | undefined): void {
    emitEvent(event, { writer: config?.writer, onEvent: this.#options.onEvent, toolCallId: config?.toolCall?.id })
  }

  #interruptIn(outcome: CallOutcome): InterruptValue | undefined {
    const { interruptAboveS = Number.POSITIVE_INFINITY, approveWrites, account } = this.#options
    const asked = approveWrites ? approvalRequestIn(this.name, account, outcome) : undefined
    return asked ?? longWaitIn(outcome, { tool: this.name, account }, interruptAboveS)
  }

  #failed(error: CallError, config: ToolRunnableConfig | undefined): ToolMessage | string {
    return this.#message('error', callErrorText(error), { error }, config)
  }

  /** Called without a tool call, as plain code may, a tool answers with plain text. */
  #message(
    status: 'success' | 'error',
    content: string,
    artifact: ToolArtifact,
    config: ToolRunnableConfig | undefined,
  ): ToolMessage | string {
    const id = config?.toolCall?.id
    return id === undefined
      ? content
      : new ToolMessage({ status, content, artifact, name: this.name, tool_call_id: id })
  }
}

/**
 * A node that is run again after a crash or an interrupt makes the same tool call with the same id on the same thread;
 * the server can then tell it from a second write.
 */
function writeKey(name: string, args: Args, config: ToolConfig | undefined): string | undefined {
  const thread = config?.configurable?.['thread_id']
  const id = config?.toolCall?.id
  if (typeof thread !== 'string' || id === undefined) return undefined
  return createHash('sha256')
    .update(JSON.stringify([thread, id, name, args]))
    .digest('base64url')
}

function badArguments(args: unknown, schema: McpTool['inputSchema']): CallError {
  const given = typeof args === 'object' && args !== null ? Object.keys(args) : []
  const required = Array.isArray(schema['required']) ? schema['required'].filter((name) => !given.includes(name)) : []
  const properties = schema['properties']
  const known = typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
  const unknown = given.filter((name) => !known.includes(name))
  const faults = [
    required.length > 0 ? `missing: ${required.join(', ')}` : '',
    unknown.length > 0 ? `unknown: ${unknown.join(', ').slice(0, 200)}` : '',
  ].filter((fault) => fault !== '')
  return {
    code: 'invalid_arguments',
    status: 400,
    message: `The arguments do not fit the tool${faults.length > 0 ? ` (${faults.join('; ')})` : ''}.`,
    retryable: false,
    attempts: 0,
    advice: `Call again with these arguments only: ${known.join(', ')}.`,
  }
}
