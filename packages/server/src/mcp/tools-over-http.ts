/**
 * @module
 * The tools of a URL over plain HTTP: the same pipeline and texts as over MCP, with failures under their own HTTP
 * status, so that a client that knows only `429` and `Retry-After` backs off correctly.
 */
import { type Failure, fail } from '@quartermaster/protocol'
import { Problem } from '../http/problem.ts'
import { readArguments } from '../http/read-json.ts'
import type { Access, Call } from '../pipeline/call.ts'
import { renderFailure } from '../pipeline/render.ts'
import { readWriteOptions } from '../pipeline/write-options.ts'
import type { Tool } from '../tools/tool.ts'
import type { McpEndpointOptions } from './endpoint-options.ts'
import { checkLimit } from './limit-requests.ts'
import { renderCall } from './render-call.ts'

export interface ToolsOverHttp {
  /** `{"tools":[{name,description,inputSchema,annotations}]}`. */
  list(access: Access): Promise<Response>
  /** Calls a tool with the JSON body as its arguments; an empty body is no arguments. */
  call(request: Request, access: Access, toolName: string): Promise<Response>
}

const json = { 'content-type': 'application/json' } as const
const lists = new WeakMap<readonly Tool[], string>()

export function toolsOverHttp(
  options: Pick<McpEndpointOptions, 'invoke' | 'applyAccountSchema' | 'limits' | 'log' | 'requestId'>,
): ToolsOverHttp {
  return {
    async list(access) {
      const refused = options.limits && checkLimit(options.limits.lists, access.server)
      if (refused) {
        const { text, status, headers } = renderFailure(options.requestId(), refused.failure, refused.quotas)
        return new Response(text, { status, headers: { ...json, ...headers } })
      }
      const { tools } = options.applyAccountSchema ? await options.applyAccountSchema(access) : access
      return new Response(listText(tools), { headers: json })
    },
    async call(request, access, toolName) {
      const requestId = options.requestId()
      const read = await readCallArguments(request, requestId)
      if ('refused' in read) return read.refused
      const writeOptions = readWriteOptions(undefined, request.headers)
      const call: Call = { requestId, access, toolName, args: read.args, signal: request.signal, writeOptions }
      const { text, status, headers } = await renderCall(options, call)
      return new Response(text, { status, headers: { ...json, ...headers } })
    },
  }
}

async function readCallArguments(
  request: Request,
  requestId: string,
): Promise<{ readonly args: unknown } | { readonly refused: Response }> {
  try {
    return { args: await readArguments(request) }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { refused: refusal(invalid(requestId, error.message, error.status)) }
  }
}

function invalid(requestId: string, why: string, status: number): Failure {
  const advice = 'Send the arguments as one JSON object with Content-Type: application/json.'
  return { ...fail('invalid_arguments', `Cannot read the arguments: ${why}`, advice, { requestId }), status }
}

function refusal(error: Failure): Response {
  return new Response(JSON.stringify({ error }), { status: error.status, headers: json })
}

function listText(tools: readonly Tool[]): string {
  const known = lists.get(tools)
  if (known !== undefined) return known
  const shown = tools.map(({ name, description, inputSchema, annotations }) => ({
    name,
    description,
    inputSchema,
    annotations,
  }))
  const text = JSON.stringify({ tools: shown })
  lists.set(tools, text)
  return text
}
