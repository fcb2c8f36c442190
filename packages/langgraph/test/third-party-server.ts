/**
 * @module
 * For tests only: an MCP server that somebody else made with the SDK's first generation, over real HTTP.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'

export interface ThirdPartyServer {
  readonly url: string
  /** Answers the next HTTP request that calls a tool with this instead. */
  refuseNext(status: number): void
  close(): Promise<void>
}

/** @param equip registers the tools; called for each request, as servers without sessions do */
export async function startThirdPartyServer(equip: (server: McpServer) => void): Promise<ThirdPartyServer> {
  let refusal: number | undefined
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const body = text ? JSON.parse(text) : undefined
    if (refusal !== undefined && body?.method === 'tools/call') {
      response.writeHead(refusal).end('slow down')
      refusal = undefined
      return
    }
    if (request.method !== 'POST') {
      response.writeHead(405).end()
      return
    }
    const server = new McpServer({ name: 'weather', version: '1' })
    equip(server)
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
    response.on('close', () => {
      transport.close()
      server.close()
    })
    await server.connect(transport as never)
    await transport.handleRequest(request, response, body)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    refuseNext: (status) => {
      refusal = status
    },
    close: async () => {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
