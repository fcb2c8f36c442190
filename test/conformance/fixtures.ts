/**
 * @module
 * The tools that the MCP conformance suite calls by name. They exist here only: the product answers every tool from a
 * connected system.
 */
import {
  type CallToolResult,
  MissingRequiredClientCapabilityError,
  type Server,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server'
import { buildProtocolServer, callTool } from '@quartermaster/server'

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const SILENCE = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAD//w=='

const text = { type: 'text', text: 'This is a simple text response for testing.' } as const
const image = { type: 'image', data: PIXEL, mimeType: 'image/png' } as const
const audio = { type: 'audio', data: SILENCE, mimeType: 'audio/wav' } as const

function resource(uri: string, mimeType: string, body: string) {
  return { type: 'resource', resource: { uri, mimeType, text: body } } as const
}

const embedded = resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')
const mixed = resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}')

/** Sends three progress notifications before it answers, when the caller gave a token for them. */
async function withProgress({ mcpReq }: ServerContext): Promise<CallToolResult> {
  const progressToken = mcpReq._meta?.progressToken
  if (progressToken !== undefined) {
    for (const progress of [0, 50, 100]) {
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } })
    }
  }
  return { content: [{ type: 'text', text: String(progressToken) }] }
}

const answers: Record<string, (context: ServerContext) => Promise<CallToolResult>> = {
  test_simple_text: async () => ({ content: [text] }),
  test_image_content: async () => ({ content: [image] }),
  test_audio_content: async () => ({ content: [audio] }),
  test_embedded_resource: async () => ({ content: [embedded] }),
  test_multiple_content_types: async () => ({
    content: [{ type: 'text', text: 'Multiple content types test:' }, image, mixed],
  }),
  test_error_handling: async () => ({
    content: [{ type: 'text', text: 'This tool intentionally returns an error for testing' }],
    isError: true,
  }),
  test_tool_with_progress: withProgress,
  test_missing_capability: async () => {
    throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } })
  },
}

const listed = Object.keys(answers).map(
  (name): Tool => ({
    name,
    description: `Answers the conformance scenario that calls ${name}.`,
    inputSchema: { type: 'object', properties: {} },
  }),
)

type BuildArguments = Parameters<typeof buildProtocolServer>

/** The protocol server of a request, with these tools beside those of the URL, which has none. */
export function buildFixtureServer(options: BuildArguments[0], request: BuildArguments[1]): Server {
  const server = buildProtocolServer(options, request)
  server.setRequestHandler('tools/list', () => ({ tools: listed }))
  server.setRequestHandler('tools/call', ({ params: { name } }, context: ServerContext) => {
    const answer = Object.hasOwn(answers, name) ? answers[name] : undefined
    return answer ? answer(context) : callTool(options, request, name, context)
  })
  return server
}
