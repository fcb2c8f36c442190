/**
 * @module
 * A plain StateGraph: a node reads all deals in pages, a model looks at the largest more closely through tools, code
 * writes the report. No agent framework; every piece is a node or a tool that LangGraph knows.
 */
import { HumanMessage } from '@langchain/core/messages'
import { END, MessagesValue, START, StateGraph, StateSchema } from '@langchain/langgraph'
import { toolsCondition } from '@langchain/langgraph/prebuilt'
import { callTool, RateGate } from '@quartermaster/client'
import { scriptedModel } from '@quartermaster/crew'
import { pagedValue, paginateNode, recordToolNode, recordTools } from '@quartermaster/langgraph'
import { toolset } from '@quartermaster/toolsets'
import { z } from 'zod'
import { runExample } from '../run-example.ts'

const READ = 'get_single_hub_spot_opportunity_by_id'
const list = { name: 'list_all_hub_spot_opportunities', annotations: { readOnlyHint: true } }
const Deal = z.object({ id: z.string(), name: z.string(), amount: z.number().default(0), status: z.string() })
const Page = z.object({ result: z.array(Deal), next_cursor: z.string().nullable() })
const Looked = z.object({ result: z.looseObject({ id: z.string(), name: z.string() }) })
const State = new StateSchema({ deals: pagedValue(Deal), messages: MessagesValue, report: z.string().optional() })

type Deal = z.infer<typeof Deal>
const largest = (deals: readonly Deal[]) =>
  deals
    .filter(({ status }) => status === 'open')
    .sort((a, b) => b.amount - a.amount)
    .slice(0, 3)

/** Plays the model: asks for each of the deals that the question names, then sums up what it was told. */
const script = scriptedModel(({ question, results }) =>
  results.length === 0
    ? { calls: [...question.matchAll(/deal (\d+)/g)].map(([, id]) => ({ name: READ, args: { id } })) }
    : `Looked at ${results.map(({ text }) => Looked.parse(JSON.parse(text)).result.name).join(', ')}.`,
)

await runExample({
  file: import.meta.url,
  about: 'A plain StateGraph: read in pages, plan, call tools, report.',

  async graph({ open, account, model }) {
    const conn = await open(toolset('pipeline').methods('read').tags('opportunities').pii('full'))
    const gate = new RateGate()
    const tools = await recordTools(conn, { account, gate, filter: ({ name }) => name === READ })
    const planner = (await model(script)).bindTools(tools)
    return new StateGraph(State)
      .addNode(
        'read_deals',
        paginateNode({
          into: 'deals',
          maxPages: 5,
          fetch: async (cursor, _state, { signal, writer }) => {
            const options = {
              account,
              gate,
              onEvent: (event: object) => writer?.(event),
              ...(signal ? { signal } : {}),
            }
            const outcome = await callTool(conn, list, { limit: '100', next_cursor: cursor }, options)
            if (!outcome.ok) throw outcome.error
            return Page.parse(outcome.envelope)
          },
        }),
      )
      .addNode('ask', ({ deals }) => ({
        messages: [
          new HumanMessage(
            `Look at ${largest(deals.items)
              .map(({ id }) => `deal ${id}`)
              .join(', ')}. Then say in one sentence what they are called.`,
          ),
        ],
      }))
      .addNode('plan', async ({ messages }) => ({ messages: [await planner.invoke(messages)] }))
      .addNode('tools', recordToolNode(tools))
      .addNode('write_report', ({ deals: { items, pages, stoppedBy }, messages }) => ({
        report: `${items.length} deals on ${pages} pages (${stoppedBy}). ${messages.at(-1)?.text}`,
      }))
      .addEdge(START, 'read_deals')
      .addEdge('read_deals', 'ask')
      .addEdge('ask', 'plan')
      .addConditionalEdges('plan', toolsCondition, { tools: 'tools', [END]: 'write_report' })
      .addEdge('tools', 'plan')
      .addEdge('write_report', END)
      .compile()
  },

  async run(graph, { hubspot }) {
    const { deals, messages, report } = await graph.invoke({ messages: [] })
    console.log(report)
    const held = (hubspot.records('deals') ?? []).filter(({ archived }) => !archived)
    // A model may have asked for more, and in vain.
    const looked = messages
      .filter((message) => message.type === 'tool')
      .map(({ text }) => Looked.safeParse(JSON.parse(text)).data?.result.id)
    const amounts = held.map(({ values }) => Number(values['amount'] ?? 0)).sort((a, b) => b - a)
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
    return [
      ...(deals.items.length === held.length
        ? []
        : [`${deals.items.length} deals were read instead of ${held.length}`]),
      ...(sum(deals.items.map(({ amount }) => amount)) === sum(amounts)
        ? []
        : ['the amounts are not those of the records']),
      ...(largest(deals.items).every(({ id }) => looked.includes(id))
        ? []
        : ['the model did not look at the largest deals']),
      ...largest(deals.items)
        .filter(({ name }) => !report?.includes(name))
        .map(({ name }) => `the report does not name ${name}`),
      ...(report?.includes('(end)') ? [] : ['the list was cut off']),
    ]
  },
})
