/**
 * @module
 * Bring your own: tools that `@langchain/mcp-adapters` has loaded get the same waits and retries in two ways, by a middleware of
 * the agent or by wrapping the MCP client. Without either, the same agent meets the same limit itself.
 */
import { ToolMessage } from '@langchain/core/messages'
import type { StructuredTool } from '@langchain/core/tools'
import { loadMcpTools, MultiServerMCPClient } from '@langchain/mcp-adapters'
import { RateGate } from '@quartermaster/client'
import { scriptedModel } from '@quartermaster/crew'
import { rateLimit, rateLimitAware } from '@quartermaster/langgraph'
import { toolset } from '@quartermaster/toolsets'
import { type AgentMiddleware, createAgent } from 'langchain'
import { z } from 'zod'
import { runExample } from '../run-example.ts'

const TOOL = 'list_all_hub_spot_stages'
const QUESTION = 'Which stages do our deals go through?'
const Page = z.object({ result: z.array(z.looseObject({ name: z.string() })) })

/** Plays the model: one call, then the names, or what went wrong. */
const script = scriptedModel(({ results: [page] }) => {
  if (!page) return { calls: [{ name: TOOL, args: {} }] }
  const stages = page.status === 'error' ? undefined : Page.safeParse(parsed(page.text)).data?.result
  return stages ? stages.map(({ name }) => name).join(' > ') : 'I could not read the stages.'
})

let client: MultiServerMCPClient | undefined

await runExample({
  file: import.meta.url,
  about: 'Tools of @langchain/mcp-adapters that survive a 429, in two ways.',

  async graph({ issue, token, account, model }) {
    const url = await issue(toolset('stages').methods('list').only('list_all_*_stages').pii('strip'))
    const headers = { authorization: `Bearer ${token}` }
    client = new MultiServerMCPClient({ mcpServers: { crm: { transport: 'http', url, headers } } })
    const raw = await client.getTools()
    const crm = await client.getClient('crm')
    if (!crm) throw new Error('Cannot go on: the client has no connection to the server')
    const gate = new RateGate()
    // One: the tools as they are, and a middleware that sees a 429 in what they say or throw.
    const middleware = [rateLimit({ account, gate })]
    // Two: a client that waits by itself, for graphs without an agent or tools used outside of one.
    const wrapped = await loadMcpTools('crm', rateLimitAware(crm, { account, gate }))
    const agent = async (tools: readonly StructuredTool[], more: AgentMiddleware[]) =>
      createAgent({ model: await model(script), tools: [...tools], middleware: more })
    const [first, second, control] = await Promise.all([agent(raw, middleware), agent(wrapped, []), agent(raw, [])])
    return Object.assign(first.graph, { ways: { middleware: first, client: second, neither: control } })
  },

  async run({ ways }, { hubspot }) {
    const ask = async (way: (typeof ways)[keyof typeof ways]) => {
      hubspot.arm({ kind: 'rate_limit', times: 1, retryAfterS: 1 })
      const before = hubspot.counters().rateLimited
      const { messages } = await way.invoke({ messages: [{ role: 'user', content: QUESTION }] })
      const results = messages.filter((message) => ToolMessage.isInstance(message))
      const refused = hubspot.counters().rateLimited - before
      hubspot.clearFaults()
      const pages = results.flatMap(({ text }) => Page.safeParse(parsed(text)).data?.result ?? [])
      return {
        answer: messages.at(-1)?.text ?? '',
        names: [...new Set(pages.map(({ name }) => name))],
        refused,
        failed: results.some(({ status }) => status === 'error'),
      }
    }
    const [middleware, wrapped, neither] = [await ask(ways.middleware), await ask(ways.client), await ask(ways.neither)]
    console.log(
      `rateLimit():      ${middleware.answer}\nrateLimitAware(): ${wrapped.answer}\nneither:          ${neither.answer}`,
    )
    await client?.close()
    return [
      ...[middleware, wrapped, neither].flatMap(({ refused }) =>
        refused === 1 ? [] : [`${refused} refusals instead of one`],
      ),
      // Models word an answer in their own way; the stages that were read must be in it.
      ...[middleware, wrapped].flatMap(({ answer, names }) => [
        ...(names.length > 0 ? [] : [`no stages were read: ${answer}`]),
        ...names.filter((name) => !answer.includes(name)).map((name) => `the answer does not name ${name}: ${answer}`),
      ]),
      ...(String(middleware.names) === String(wrapped.names) ? [] : ['the two ways read different stages']),
      ...(neither.failed ? [] : ['the agent without either did not meet the limit, so nothing was shown']),
    ]
  },
})

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
